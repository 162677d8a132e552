import { describe, expect, it } from 'vitest';
import { Stopwatch } from '../../lib/runtime/stopwatch.ts';

describe('the age of a moment', () => {
  /** The age after each clock has advanced by so much. */
  function ageAfter(wallMs: number, steadyMs: number): number {
    let passed = { wallMs: 0, steadyMs: 0 };
    const stopwatch = new Stopwatch(
      () => 1_700_000_000_000 + passed.wallMs,
      () => 5_000 + passed.steadyMs,
    );
    const moment = stopwatch.moment();
    passed = { wallMs, steadyMs };
    return stopwatch.ageMs(moment);
  }

  it.each([
    { wallMs: 1_000, steadyMs: 1_000, age: 1_000, why: 'both clocks agree' },
    { wallMs: -60_000, steadyMs: 1_000, age: 60_000, why: 'the wall clock was set back' },
    { wallMs: 5, steadyMs: 11_000, age: 11_000, why: 'the wall clock was set back by what has passed' },
    {
      wallMs: 3_600_000,
      steadyMs: 1_000,
      age: 3_600_000,
      why: 'the monotonic clock stood still in a sleeping machine',
    },
  ])('[C1] is $age ms where $why', ({ wallMs, steadyMs, age }) => {
    expect(ageAfter(wallMs, steadyMs)).toBe(age);
  });
});
