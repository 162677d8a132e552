import { describe, expect, it } from 'vitest';
import { random } from '../support/random.ts';
import { FaultSchedule } from '../torture/fault-schedule.ts';

const drawn = (seed: number, calls: number) => {
  const schedule = new FaultSchedule(random(seed));
  return Array.from({ length: calls }, (_, i) => schedule.draw(i % 3 === 0));
};

describe('a fault schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(drawn(7, 1_000)).toEqual(drawn(7, 1_000));
    expect(drawn(7, 1_000)).not.toEqual(drawn(8, 1_000));
  });

  it('meets every kind of fault, and leaves most calls alone', () => {
    const faults = drawn(1, 20_000);
    const kinds = new Set(faults.flatMap((fault) => fault?.kind ?? []));

    expect(kinds).toEqual(
      new Set([
        ...['slow-request', 'slow-answer', 'late', 'request-lost', 'answer-lost'],
        ...['throttled', 'failed', 'failed-after', 'stale'],
      ]),
    );
    expect(faults.filter((fault) => fault === undefined).length).toBeGreaterThan(10_000);
  });

  it('gives stale answers to eventually consistent reads only', () => {
    const schedule = new FaultSchedule(random(1));

    expect(Array.from({ length: 5_000 }, () => schedule.draw(false)).map((fault) => fault?.kind)).not.toContain(
      'stale',
    );
  });
});
