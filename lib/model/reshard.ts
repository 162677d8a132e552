import { HASH_KEY_SPACE, type HashKeyRange, MAX_HASH_KEY } from './hash-key.ts';
import type { Shard } from './shard.ts';
import type { SplitPoint, TransitionWork } from './stream.ts';

/** A parent or child shard of a reshard. */
export interface ReshardedShard {
  readonly index: number;
  readonly hashKeyRange: HashKeyRange;
}

/** One split or merge: its parents close together, then its children open. */
export interface Reshard {
  /** One for a split. For a merge, the lower and then the adjacent shard. */
  readonly parents: readonly ReshardedShard[];
  /** Two for a split, one for a merge, in the order of their ranges. */
  readonly children: readonly ReshardedShard[];
}

/** An existing boundary this close to an ideal one is used instead of it. So rounding creates no tiny shards. */
const SLIVER = 1_000_000n;

/**
 * The splits and merges of a transition, in the order in which they must be done. The plan is deterministic: the same
 * shards and the same work always give the same plan. So a repeated step follows the plan of the step before it.
 * @param open           the shards that were open when the transition began, in the order of their ranges
 * @param nextShardIndex the index that the first new shard gets
 * @returns undefined when the work names a shard that was not open
 */
export function planReshards(
  work: TransitionWork,
  open: readonly ReshardedShard[],
  nextShardIndex: number,
): readonly Reshard[] | undefined {
  const indexes = new Set(open.map((shard) => shard.index));
  if (!namedShards(work).every((index) => indexes.has(index))) {
    return undefined;
  }
  const plan = new ReshardPlan(open, nextShardIndex);
  switch (work.kind) {
    case 'SPLIT':
      for (const { shardIndex, newStartingHashKey } of work.splits) {
        plan.split(plan.shard(shardIndex), BigInt(newStartingHashKey));
      }
      break;
    case 'MERGE':
      plan.merge(plan.shard(work.shardIndex), plan.shard(work.adjacentIndex));
      break;
    case 'MERGES':
      for (const { shardIndex, adjacentIndex } of work.pairs) {
        plan.merge(plan.shard(shardIndex), plan.shard(adjacentIndex));
      }
      break;
    case 'SCALE':
      planShardCount(plan, work.targetShardCount);
      break;
    default:
      break;
  }
  return plan.reshards;
}

/** The shards that a transition's work names. */
function namedShards(work: TransitionWork): readonly number[] {
  switch (work.kind) {
    case 'SPLIT':
      return work.splits.map(({ shardIndex }) => shardIndex);
    case 'MERGE':
      return [work.shardIndex, work.adjacentIndex];
    case 'MERGES':
      return work.pairs.flatMap(({ shardIndex, adjacentIndex }) => [shardIndex, adjacentIndex]);
    default:
      return [];
  }
}

/** The key in the middle of a range, at which a shard is split into two halves. */
export const middleOf = ({ start, end }: HashKeyRange): bigint => (start + end + 1n) / 2n;

/** Whether a shard can be split at a key: it must be greater than one plus the start, and less than the end. */
export const canSplitAt = ({ start, end }: HashKeyRange, key: bigint): boolean => key > start + 1n && key < end;

/** Whether two shards can be merged: the second begins where the first ends. */
export const areAdjacent = (lower: Pick<Shard, 'hashKeyRange'>, upper: Pick<Shard, 'hashKeyRange'>): boolean =>
  lower.hashKeyRange.end + 1n === upper.hashKeyRange.start;

/** The splits of shards at their middle keys. Shards that are too narrow for a split are left out. */
export function halves(shards: readonly ReshardedShard[]): SplitPoint[] {
  return shards
    .filter(({ hashKeyRange }) => canSplitAt(hashKeyRange, middleOf(hashKeyRange)))
    .map(({ index, hashKeyRange }) => ({
      shardIndex: index,
      newStartingHashKey: middleOf(hashKeyRange).toString(),
    }));
}

/**
 * The splits and merges of UpdateShardCount. The three rules reproduce the shard counts that were observed on the real
 * service (2 to 4 leaves 6 shards behind, 4 to 5 leaves 15, 4 to 2 leaves 6, 10 to 13 leaves 37, 5 to 3 leaves 7). It
 * is not known whether the service uses the same rules.
 */
function planShardCount(plan: ReshardPlan, target: number): void {
  const count = plan.open.length;
  if ((4 * target) % count === 0) {
    planEvenRanges(plan, target);
  } else if (target > count) {
    for (const shard of [...plan.open]) {
      plan.split(shard, middleOf(shard.hashKeyRange));
    }
    mergePairs(plan, target);
  } else {
    mergePairs(plan, target);
  }
}

/** Divides the key space into equal ranges: splits shards at each boundary, and merges those between boundaries. */
function planEvenRanges(plan: ReshardPlan, target: number): void {
  for (const end of rangeEnds(plan, target)) {
    let gathered = plan.cutAt(plan.startingAt(end.after + 1n), end.last);
    while (gathered.hashKeyRange.end < end.last) {
      gathered = plan.merge(gathered, plan.cutAt(plan.startingAt(gathered.hashKeyRange.end + 1n), end.last));
    }
  }
}

/** The last key of each target range (`last`), and the last key of the range before it (`after`). */
function rangeEnds(plan: ReshardPlan, target: number): { readonly after: bigint; readonly last: bigint }[] {
  const existing = plan.open.map((shard) => shard.hashKeyRange.end);
  const width = HASH_KEY_SPACE / BigInt(target);
  let near = 0;
  const lasts = Array.from({ length: target }, (_, k) => {
    const ideal = k === target - 1 ? MAX_HASH_KEY : width * BigInt(k + 1) - 1n;
    while ((existing[near] ?? MAX_HASH_KEY) < ideal - SLIVER) {
      near += 1;
    }
    const end = existing[near];
    return end !== undefined && end <= ideal + SLIVER ? end : ideal;
  });
  return lasts.map((last, k) => ({ after: lasts[k - 1] ?? -1n, last }));
}

/** Merges the first shard with the second, the third with the fourth, …, until the target is reached. */
function mergePairs(plan: ReshardPlan, target: number): void {
  while (plan.open.length > target) {
    const pairs = [...plan.open];
    for (let i = 0; i + 1 < pairs.length && plan.open.length > target; i += 2) {
      plan.merge(pairs[i] as ReshardedShard, pairs[i + 1] as ReshardedShard);
    }
  }
}

/** The planned splits and merges, and the shards that are open after them. */
class ReshardPlan {
  readonly reshards: Reshard[] = [];
  /** In the order of their ranges. */
  open: ReshardedShard[];
  readonly #byStart: Map<bigint, ReshardedShard>;
  #nextIndex: number;

  constructor(open: readonly ReshardedShard[], nextShardIndex: number) {
    this.open = [...open];
    this.#byStart = new Map(open.map((shard) => [shard.hashKeyRange.start, shard]));
    this.#nextIndex = nextShardIndex;
  }

  shard(index: number): ReshardedShard {
    return this.#found(this.open.find((shard) => shard.index === index));
  }

  startingAt(key: bigint): ReshardedShard {
    return this.#found(this.#byStart.get(key));
  }

  /** Splits a shard after a key, if the shard extends beyond it. @returns the shard up to the key */
  cutAt(shard: ReshardedShard, last: bigint): ReshardedShard {
    return shard.hashKeyRange.end > last ? this.split(shard, last + 1n) : shard;
  }

  /** @returns the lower child */
  split(shard: ReshardedShard, key: bigint): ReshardedShard {
    const { start, end } = shard.hashKeyRange;
    const lower = { index: this.#nextIndex++, hashKeyRange: { start, end: key - 1n } };
    const upper = { index: this.#nextIndex++, hashKeyRange: { start: key, end } };
    this.#replace([shard], [lower, upper]);
    return lower;
  }

  /** @returns the child */
  merge(lower: ReshardedShard, upper: ReshardedShard): ReshardedShard {
    const range = { start: lower.hashKeyRange.start, end: upper.hashKeyRange.end };
    const child = { index: this.#nextIndex++, hashKeyRange: range };
    this.#replace([lower, upper], [child]);
    return child;
  }

  #replace(parents: readonly ReshardedShard[], children: readonly ReshardedShard[]): void {
    const at = this.open.indexOf(parents[0] as ReshardedShard);
    this.open.splice(at, parents.length, ...children);
    for (const parent of parents) {
      this.#byStart.delete(parent.hashKeyRange.start);
    }
    for (const child of children) {
      this.#byStart.set(child.hashKeyRange.start, child);
    }
    this.reshards.push({ parents, children });
  }

  #found(shard: ReshardedShard | undefined): ReshardedShard {
    if (shard === undefined) {
      throw new Error('a reshard names a shard that is not open');
    }
    return shard;
  }
}
