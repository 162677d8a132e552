import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../lib/runtime/rate-limiter.ts';

describe('a rate', () => {
  it('admits so many calls a second for each key, and starts anew with the next', () => {
    let nowMs = 5_000;
    const rates = new RateLimiter(() => nowMs);
    const calls = () => [1, 2, 3].map(() => rates.admit('key', 2));

    expect(calls()).toEqual([true, true, false]);
    expect(rates.admit('another', 2)).toBe(true);
    nowMs = 6_000;
    expect(calls()).toEqual([true, true, false]);
  });

  it('is blocked for as many seconds as an amount takes', () => {
    let nowMs = 5_200;
    const rates = new RateLimiter(() => nowMs);

    rates.spend('key', 10, 2);

    const admitted = [5_900, 6_500, 9_999, 10_000].map((at) => {
      nowMs = at;
      return rates.admit('key', 5);
    });
    expect(admitted).toEqual([false, false, false, true]);
  });

  it('is not blocked by amounts that fit into a second', () => {
    const rates = new RateLimiter(() => 5_000);

    rates.spend('key', 1, 2);
    rates.spend('key', 1, 2);

    expect(rates.admit('key', 5)).toBe(true);
  });
});
