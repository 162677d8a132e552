import { describe, expect, it } from 'vitest';
import { random } from '../support/random.ts';
import { aheadAt, clockTurns, countedTurns } from '../torture/clock-schedule.ts';
import { clockDifferenceMs, roundTerms } from '../torture/round-terms.ts';

const ROUND_MS = 75_000;
const TURNING = roundTerms(2);
const STEADY = roundTerms(1);

const turnsOf = (seed: number) => clockTurns(random(seed), 200, TURNING, ROUND_MS);

describe('a clock schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(turnsOf(7)).toEqual(turnsOf(7));
    expect(turnsOf(7)).not.toEqual(turnsOf(8));
  });

  it('keeps a steady clock steady', () => {
    expect(clockTurns(random(1), 200, STEADY, ROUND_MS)).toEqual([{ fromMs: 0, aheadMs: 200, rate: 1 }]);
  });

  it('has jumps ahead and back, and clocks that run slow and fast', () => {
    const counts = countedTurns(Array.from({ length: 20 }, (_, seed) => turnsOf(seed)));

    expect([...counts.keys()].sort()).toEqual(['jumps ahead', 'jumps back', 'runs fast', 'runs slow']);
  });

  it('keeps every clock within what its round declares, less than the protocol allows', () => {
    const aheads = Array.from({ length: 60 }, (_, seed) => turnsOf(seed)).flatMap((turns) =>
      Array.from({ length: ROUND_MS / 250 }, (_, i) => aheadAt(turns, i * 250)),
    );

    expect(Math.max(...aheads.map((ahead) => -ahead))).toBeLessThanOrEqual(TURNING.behindMs);
    expect(Math.max(...aheads)).toBeLessThanOrEqual(TURNING.aheadMs);
    expect(clockDifferenceMs(TURNING)).toBeLessThan(50_000);
  });

  it('comes back, and is steady in the end', () => {
    for (let seed = 0; seed < 50; seed++) {
      expect(aheadAt(turnsOf(seed), ROUND_MS)).toBe(200);
    }
  });

  it('adds up what a clock gains by its rate', () => {
    const turns = [
      { fromMs: 0, aheadMs: 100, rate: 1 },
      { fromMs: 1_000, aheadMs: 100, rate: 1.5 },
      { fromMs: 3_000, aheadMs: -300, rate: 0.5 },
    ];

    expect([0, 999, 1_000, 2_000, 2_999, 3_000, 3_500].map((ms) => aheadAt(turns, ms))).toEqual([
      100, 100, 100, 600, 1_100, -300, -550,
    ]);
  });
});
