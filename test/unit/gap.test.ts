import { describe, expect, it } from 'vitest';
import { gapAction } from '../../lib/log/gap.ts';

const NOW = 1_700_000_000_000;
const DAY = 86_400_000;

describe('a reader that finds a gap', () => {
  it.each([
    { age: 0, missing: 1, action: 'wait', why: 'its writers may still be on their way' },
    { age: 1_000, missing: 1, action: 'wait', why: 'a second has not passed yet' },
    { age: 1_001, missing: 1, action: 'fill-all', why: 'its writers are slow or gone' },
    { age: 1_001, missing: 64, action: 'fill-all', why: 'it is just small enough' },
    { age: 1_001, missing: 65, action: 'wait', why: 'it is too large to fill' },
    { age: 60_000, missing: 65, action: 'wait', why: 'a deadline with its clock margin has not passed yet' },
    { age: 60_001, missing: 1, action: 'fill-first', why: 'every reservation in it is past its deadline' },
    { age: 60_001, missing: 1_000_000, action: 'fill-first', why: 'its size does not matter any more' },
    { age: DAY, missing: 5, action: 'fill-first', why: 'something readable may be in it' },
    { age: DAY + 1, missing: 5, action: 'skip', why: 'nothing readable can be in it' },
  ])('of $missing positions, $age ms old, decides to $action: $why', ({ age, missing, action }) => {
    expect(gapAction({ from: 7, to: 7 + missing, beforeMs: NOW - age }, NOW, DAY)).toBe(action);
  });
});
