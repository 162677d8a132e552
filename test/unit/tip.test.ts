import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tipOf } from '../../client/reading/tip.ts';

/** From what endpoints count how far a page is behind: it is their own affair, as long as it is 0 at the tip. */
const COUNTINGS = {
  'the last record that was read': ({ nowMs, last }: Seen) => nowMs - last,
  'the next record': ({ nowMs, next }: Seen) => nowMs - next,
  'the newest record, back to the last one that was read': ({ last, newest }: Seen) => newest - last,
};

interface Seen {
  readonly nowMs: number;
  readonly last: number;
  readonly next: number;
  readonly newest: number;
}

const readings = fc.record({
  /** When records arrive, ms between them. Reading begins after some of them. */
  gaps: fc.array(fc.nat({ max: 400 }), { minLength: 2, maxLength: 60 }),
  before: fc.nat({ max: 59 }),
  quietMs: fc.nat({ max: 10_000 }),
  page: fc.integer({ min: 1, max: 7 }),
  callMs: fc.array(fc.nat({ max: 300 }), { minLength: 60, maxLength: 60 }),
  /** How far the clock of the endpoint is ahead of ours. */
  aheadMs: fc.integer({ min: -1_000_000, max: 1_000_000 }),
});

it.each(Object.entries(COUNTINGS))(
  'says that a page reaches the tip only when all that had arrived is read, where an endpoint counts from %s',
  (_what, counting) => {
    fc.assert(
      fc.property(readings, ({ gaps, before, quietMs, page, callMs, aheadMs }) => {
        let arrivedMs = 0;
        const arrivals = gaps.map((gap, index) => {
          arrivedMs += gap + (index === before + 1 ? quietMs : 0);
          return arrivedMs;
        });
        const begunMs = (arrivals[Math.min(before, gaps.length - 1)] ?? 0) + Math.floor(quietMs / 2);
        const had = arrivals.filter((at) => at <= begunMs).length;
        let nowMs = begunMs;
        const isUpToTip = tipOf(() => nowMs);
        let read = 0;
        for (const ms of callMs) {
          nowMs += ms;
          const there = arrivals.filter((at) => at <= nowMs);
          const records = there.slice(read, read + page);
          read += records.length;
          const [last = 0, next = 0, newest = 0] = [there[read - 1], there[read], there.at(-1)];
          const behindMs = read === there.length ? 0 : Math.max(1, counting({ nowMs, last, next, newest }));
          const told = records.map((at) => ({ ApproximateArrivalTimestamp: new Date(at + aheadMs) }));
          if (isUpToTip({ records: told, behindMs })) {
            expect(read).toBeGreaterThanOrEqual(had);
            return;
          }
        }
      }),
      { numRuns: 2_000 },
    );
  },
);

it('does not believe that a full page is the last one', () => {
  const isUpToTip = tipOf();
  const records = new Array(10_000).fill({ ApproximateArrivalTimestamp: new Date(0) });

  expect(isUpToTip({ records, behindMs: 0 })).toBe(false);
  expect(isUpToTip({ records: records.slice(1), behindMs: 0 })).toBe(true);
  expect(isUpToTip({ records: [], behindMs: 0 })).toBe(true);
  expect(isUpToTip({ records: [], behindMs: 1 })).toBe(false);
});

it('says so in the end, although records come faster than they are read', () => {
  let nowMs = 0;
  const isUpToTip = tipOf(() => nowMs);
  const reached = Array.from({ length: 100 }, (_, index) => {
    nowMs += 10;
    return isUpToTip({ records: [{ ApproximateArrivalTimestamp: new Date(index * 9) }], behindMs: 10 + index });
  });

  expect(reached[0]).toBe(false);
  expect(reached).toContain(true);
});
