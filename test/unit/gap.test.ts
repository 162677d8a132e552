import { describe, expect, it } from 'vitest';
import { gapAction } from '../../lib/log/gap.ts';

const NOW = 1_700_000_000_000;
const DAY = 86_400_000;

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
    { age: 60_000, action: 'fill', why: 'a deadline with its clock margin has not passed yet' },
    { age: 60_001, action: 'fill-first', why: 'every reservation in it is past its deadline' },
    { age: DAY, action: 'fill-first', why: 'something readable may be in it' },
    { age: DAY + 1, action: 'skip', why: 'nothing readable can be in it' },
  ])('that is $age ms old decides to $action: $why', ({ age, action }) => {
    expect(gapAction(batchWith(NOW - age), NOW, DAY)).toBe(action);
  });

  it.each([
    [1_000, 'wait'],
    [1_001, 'fill'],
    [3_660_000, 'fill'],
    [3_660_001, 'fill-first'],
    [DAY + 1, 'skip'],
  ])('below a seal that was put ahead of a chain skips nothing as long as chains live: %i ms', (age, action) => {
    const seal = { ...batchWith(NOW - age), kind: 'seal', ahead: true } as const;

    expect(gapAction(seal, NOW, DAY)).toBe(action);
  });
});
