import { type Shard, shardId } from './shard.ts';
import { type Stream, horizonMs as trimHorizonMs } from './stream.ts';

/**
 * Which shards ListShards returns.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html
 */
export type ShardFilter =
  | { readonly type: 'FROM_TRIM_HORIZON' | 'AT_TRIM_HORIZON' | 'AT_LATEST' }
  /** Epoch ms; a time before the trim horizon counts as the horizon. */
  | { readonly type: 'AT_TIMESTAMP' | 'FROM_TIMESTAMP'; readonly timestampMs: number }
  | { readonly type: 'AFTER_SHARD_ID'; readonly shardId: string };

const startMs = (shard: Shard): number => shard.createdSeconds * 1000;

/** A shard lasts to the end of the second in which it closed. Its children begin in the next: one is always open. */
const endMs = (shard: Shard): number =>
  shard.closedSeconds === undefined ? Number.POSITIVE_INFINITY : shard.closedSeconds * 1000 + 999;

/** Shards that are open, or closed with records that may still be within the retention period. */
export function unexpiredShards(shards: readonly Shard[], stream: Stream, nowMs: number): Shard[] {
  const horizonMs = trimHorizonMs(stream, nowMs);
  return shards.filter((shard) => endMs(shard) >= horizonMs);
}

/** The shards that match a filter, in the given order. */
export function filterShards(shards: readonly Shard[], filter: ShardFilter, stream: Stream, nowMs: number): Shard[] {
  const unexpired = unexpiredShards(shards, stream, nowMs);
  const horizonMs = trimHorizonMs(stream, nowMs);
  switch (filter.type) {
    case 'FROM_TRIM_HORIZON':
      return unexpired;
    case 'AT_TRIM_HORIZON':
      return openAtHorizon(unexpired, horizonMs);
    case 'AT_LATEST':
      return unexpired.filter((shard) => shard.state === 'OPEN');
    case 'AT_TIMESTAMP':
      return filter.timestampMs <= horizonMs
        ? openAtHorizon(unexpired, horizonMs)
        : openAt(unexpired, filter.timestampMs);
    case 'FROM_TIMESTAMP':
      return unexpired.filter((shard) => endMs(shard) >= Math.max(filter.timestampMs, horizonMs));
    case 'AFTER_SHARD_ID':
      return unexpired.filter((shard) => shardId(shard.index) > filter.shardId);
  }
}

function openAt(shards: readonly Shard[], timeMs: number): Shard[] {
  return shards.filter((shard) => startMs(shard) <= timeMs && endMs(shard) >= timeMs);
}

/** The shards that were open at the horizon. For a stream younger than that: the shards that it began with. */
function openAtHorizon(shards: readonly Shard[], horizonMs: number): Shard[] {
  const firstMs = shards.reduce((first, shard) => Math.min(first, startMs(shard)), Number.POSITIVE_INFINITY);
  return openAt(shards, Math.max(horizonMs, firstMs));
}
