import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HASH_KEY_SPACE, MAX_HASH_KEY, tileHashKeySpace } from '../../lib/model/hash-key.ts';
import { middleOf, planReshards, type Reshard, type ReshardedShard } from '../../lib/model/reshard.ts';
import type { TransitionWork } from '../../lib/model/stream.ts';

const initial = (count: number): ReshardedShard[] =>
  tileHashKeySpace(count).map((hashKeyRange, index) => ({ index, hashKeyRange }));

/** The shards that are open after a plan, in the order of their ranges. */
function applied(open: readonly ReshardedShard[], plan: readonly Reshard[]): ReshardedShard[] {
  const shards = new Map(open.map((shard) => [shard.index, shard]));
  for (const { parents, children } of plan) {
    for (const parent of parents) {
      expect(shards.delete(parent.index)).toBe(true);
    }
    for (const child of children) {
      expect(shards.has(child.index)).toBe(false);
      shards.set(child.index, child);
    }
  }
  return [...shards.values()].sort((a, b) => (a.hashKeyRange.start < b.hashKeyRange.start ? -1 : 1));
}

function expectTiles(shards: readonly ReshardedShard[]): void {
  expect(shards[0]?.hashKeyRange.start).toBe(0n);
  expect(shards.at(-1)?.hashKeyRange.end).toBe(MAX_HASH_KEY);
  for (let i = 1; i < shards.length; i++) {
    expect(shards[i]?.hashKeyRange.start).toBe((shards[i - 1]?.hashKeyRange.end ?? 0n) + 1n);
  }
}

function planned(work: TransitionWork, open: readonly ReshardedShard[], next: number): readonly Reshard[] {
  const plan = planReshards(work, open, next);
  if (plan === undefined) {
    throw new Error('the plan is impossible');
  }
  return plan;
}

const scale = (open: readonly ReshardedShard[], target: number, next: number) =>
  planned({ kind: 'SCALE', targetShardCount: target }, open, next);

const told = (plan: readonly Reshard[]) =>
  plan.map(({ parents, children }) => `${parents.map((p) => p.index)}→${children.map((c) => c.index)}`).join(' ');

describe('UpdateShardCount', () => {
  it.each([
    [2, 4, 6],
    [4, 5, 15],
    [4, 2, 6],
    [10, 13, 37],
    [5, 3, 7],
    [10, 15, 35],
    [3, 6, 9],
  ])('from %i to %i shards leaves %i shards, open and closed, as on the real service', (count, target, total) => {
    const open = initial(count);
    const plan = scale(open, target, count);

    expect(applied(open, plan)).toHaveLength(target);
    expect(count + plan.reduce((sum, { children }) => sum + children.length, 0)).toBe(total);
  });

  it('from four to three splits and merges in the order of the real service', () => {
    expect(told(scale(initial(4), 3, 4))).toBe('1→4,5 0,4→6 2→7,8 5,7→9 8,3→10');
  });

  it('ends with the target count, whole and without overlap, from any start that scaling itself can reach', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 1, maxLength: 5 }),
        (count, factors) => {
          let open = initial(count);
          let next = count;
          for (const factor of factors) {
            const target = Math.max(1, Math.min(2 * open.length, Math.ceil(open.length * factor)));
            const plan = scale(open, target, next);
            next += plan.reduce((sum, { children }) => sum + children.length, 0);
            open = applied(open, plan);

            expect(open).toHaveLength(target);
            expectTiles(open);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('plans ten thousand shards', () => {
    const open = initial(5_000);

    expect(applied(open, scale(open, 10_000, 5_000))).toHaveLength(10_000);
  });
});

describe('any sequence of splits, merges and count updates', () => {
  type Step = { readonly kind: 'split' | 'merge' | 'scale'; readonly at: number };
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom('split', 'merge', 'scale' as const),
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    }),
    { maxLength: 12 },
  ) as fc.Arbitrary<Step[]>;

  it('leaves open shards that cover every hash key once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), steps, (count, sequence) => {
        let open = initial(count);
        let next = count;
        for (const { kind, at } of sequence) {
          const plan = step(kind, at, open, next);
          next += plan.reduce((sum, { children }) => sum + children.length, 0);
          open = applied(open, plan);

          expectTiles(open);
        }
      }),
      { numRuns: 200 },
    );
  });

  function step(kind: Step['kind'], at: number, open: readonly ReshardedShard[], next: number): readonly Reshard[] {
    const index = Math.floor(at * open.length);
    const shard = open[index] as ReshardedShard;
    const adjacent = open[index + 1];
    if (kind === 'scale') {
      return scale(open, Math.max(1, Math.ceil(open.length * (0.5 + at))), next);
    }
    if (kind === 'merge') {
      return adjacent === undefined
        ? []
        : planned({ kind: 'MERGE', shardIndex: shard.index, adjacentIndex: adjacent.index }, open, next);
    }
    const key = middleOf(shard.hashKeyRange).toString();
    return planned({ kind: 'SPLIT', splits: [{ shardIndex: shard.index, newStartingHashKey: key }] }, open, next);
  }
});

it('the halves of the whole key space are equal', () => {
  expect(middleOf({ start: 0n, end: MAX_HASH_KEY })).toBe(HASH_KEY_SPACE / 2n);
});

it('a plan for a shard that is not open is none', () => {
  const work: TransitionWork = { kind: 'SPLIT', splits: [{ shardIndex: 7, newStartingHashKey: '100' }] };

  expect(planReshards(work, initial(2), 2)).toBeUndefined();
  expect(planReshards({ kind: 'MERGE', shardIndex: 0, adjacentIndex: 7 }, initial(2), 2)).toBeUndefined();
});
