/** Returns random numbers from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** A small generator of random numbers (mulberry32). The same seed returns the same numbers in the same order. */
export function random(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `from` to `to`, both included. */
export const between = (next: Random, from: number, to: number): number => from + Math.floor(next() * (to - from + 1));

export function pick<T>(next: Random, items: readonly T[]): T {
  return items[Math.floor(next() * items.length)] as T;
}
