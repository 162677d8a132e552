import { isOpen, type Shard } from '../kinesis.ts';
import { fractionOf, HASH_KEYS, rangeOf } from './hash-key.ts';

/** A shard's place in the picture of a stream. */
export interface PlacedShard {
  readonly shard: Shard;
  readonly isOpen: boolean;
  /** From 0 to 1, of the hash key space. */
  readonly left: number;
  readonly width: number;
  /** The generation that it begins in. An open one reaches down to the last. */
  readonly level: number;
  readonly span: number;
}

export interface ShardPicture {
  readonly levels: number;
  readonly placed: readonly PlacedShard[];
  /** Closed shards of older generations, which are not drawn. */
  readonly left: number;
}

/** A picture of more generations, or of more shards, shows nothing any more. */
const MAX_LEVELS = 12;
const MAX_CLOSED = 2_000;

/** Places shards: from left to right by their hash keys, from top to bottom by their generations. */
export function pictureOf(shards: readonly Shard[]): ShardPicture {
  const levels = levelsOf(shards);
  const last = Math.max(0, ...levels.values());
  const first = Math.max(0, last - MAX_LEVELS + 1);
  const levelOf = ({ ShardId }: Shard) => levels.get(ShardId) ?? 0;
  const closed = shards.filter((shard) => !isOpen(shard) && levelOf(shard) >= first).slice(-MAX_CLOSED);
  const drawn = [...closed, ...shards.filter(isOpen)];
  const placed = drawn.map((shard): PlacedShard => {
    const { start, end } = rangeOf(shard);
    const level = Math.max(0, levelOf(shard) - first);
    return {
      shard,
      isOpen: isOpen(shard),
      left: fractionOf(start),
      width: end + 1n === HASH_KEYS ? 1 - fractionOf(start) : fractionOf(end + 1n) - fractionOf(start),
      level,
      span: isOpen(shard) ? last - first - level + 1 : 1,
    };
  });
  return { levels: last - first + 1, placed, left: shards.length - drawn.length };
}

/** A shard is one generation below the later of its parents. Shards come after their parents in a list. */
function levelsOf(shards: readonly Shard[]): Map<string, number> {
  const levels = new Map<string, number>();
  for (const { ShardId, ParentShardId, AdjacentParentShardId } of shards) {
    const ofParents = [ParentShardId, AdjacentParentShardId].map((id) =>
      id === undefined ? -1 : (levels.get(id) ?? -1),
    );
    levels.set(ShardId, Math.max(...ofParents) + 1);
  }
  return levels;
}
