import { describe, expect, it } from 'vitest';
import { gapAction } from '../../lib/log/gap.ts';
import { LEAP } from '../../lib/log/protocol.ts';

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;
const HORIZON = NOW - 24 * HOUR;

const batchWith = (beforeMs: number) => ({
  kind: 'fill' as const,
  position: 9,
  arrivalMs: NOW,
  beforeMs,
  writer: 'w',
  countedSecond: 0,
  secondRecords: 0,
  secondBytes: 0,
});

describe('a reader that finds a gap', () => {
  it.each([
    { age: 0, action: 'wait', why: 'its writers may still be on their way' },
    { age: 1_000, action: 'wait', why: 'a second has not passed yet' },
    { age: 1_001, action: 'fill', why: 'its writers are slow or gone' },
    { age: HOUR, action: 'fill', why: 'a clock that is off by an hour may have told that age' },
    { age: HOUR + 1, action: 'fill-first', why: 'every claim in it is past its deadline, by whatever clock' },
    { age: 24 * HOUR, action: 'fill-first', why: 'something readable may be in it' },
    { age: 24 * HOUR + 1, action: 'pass', why: 'nothing readable can be in it' },
    { age: -2_000, action: 'wait', why: 'clocks differ by as much' },
    { age: -2_001, action: 'fill', why: 'its age cannot be told' },
  ])('that is $age ms old decides to $action: $why', ({ age, action }) => {
    expect(gapAction({ from: 3, found: batchWith(NOW - age) }, NOW, HORIZON)).toBe(action);
  });

  it.each([
    [1_000, 'wait'],
    [1_001, 'fill'],
    [2 * HOUR, 'fill'],
    [2 * HOUR + 1, 'fill-first'],
    [24 * HOUR + 1, 'pass'],
    [-2_001, 'fill'],
  ])('below a seal that was put ahead of a chain skips nothing as long as chains live: %i ms', (age, action) => {
    const seal = { ...batchWith(NOW - age), kind: 'seal', ahead: true } as const;

    expect(gapAction({ from: 3, found: seal }, NOW, HORIZON)).toBe(action);
  });

  it('that is a leap is never filled, and passed in time', () => {
    const leap = (age: number) => ({ from: 3, found: { ...batchWith(NOW - age), position: 3 + LEAP } });

    expect(gapAction(leap(2_000), NOW, HORIZON)).toBe('wait');
    expect(gapAction(leap(HOUR + 1), NOW, HORIZON)).toBe('fill-first');
  });
});
