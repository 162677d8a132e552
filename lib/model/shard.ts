import type { HashKeyRange } from './hash-key.ts';

/**
 * PENDING: written, not visible yet. OPEN: accepts records. CLOSED: a reshard has sealed it (docs/glossary.md). Its
 * records stay readable until the retention period of all of them has passed.
 */
export type ShardState = 'PENDING' | 'OPEN' | 'CLOSED';

/** One shard of a stream, as stored in its shard item. */
export interface Shard {
  readonly index: number;
  readonly hashKeyRange: HashKeyRange;
  readonly state: ShardState;
  /** Epoch seconds. Every sequence number of the shard contains it. */
  readonly createdSeconds: number;
  /** Epoch seconds. Only closed shards have it. */
  readonly closedSeconds?: number;
  /** When a second of the shard was last found more than a quarter full, to the hour, epoch ms. On-demand streams only. */
  readonly busyMs?: number;
  readonly parentIndex?: number;
  readonly adjacentParentIndex?: number;
}

/** The greatest shard index that a shard id can name. */
const MAX_SHARD_INDEX = 2147483647;

/** A shard's id: `shardId-` and its index, padded to 12 places (the sign counts as one of them). */
export function shardId(index: number): string {
  return `shardId-${index < 0 ? `-${String(-index).padStart(11, '0')}` : String(index).padStart(12, '0')}`;
}

/**
 * Parses a shard id as leniently as Kinesis does. The index is the part after the first hyphen, or else the whole
 * text.
 * `shardId-000000000001`, `shard-1`, `-1` and `1` all name shard 1 (observed by kinesalite's tests).
 * @returns undefined when there is no valid index
 */
export function parseShardId(text: string): number | undefined {
  const digits = text.split('-')[1] || text;
  if (!/^\d+$/.test(digits)) {
    return undefined;
  }
  const index = Number(digits);
  return index <= MAX_SHARD_INDEX ? index : undefined;
}

/**
 * The open shard whose range holds a hash key.
 * @param openShards the stream's open shards in the order of their ranges
 * @returns undefined when no open shard covers the key, which happens during a reshard
 */
export function shardForHashKey(openShards: readonly Shard[], hashKey: bigint): Shard | undefined {
  let low = 0;
  let high = openShards.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const shard = openShards[middle] as Shard;
    if (hashKey < shard.hashKeyRange.start) {
      high = middle - 1;
    } else if (hashKey > shard.hashKeyRange.end) {
      low = middle + 1;
    } else {
      return shard;
    }
  }
  return undefined;
}
