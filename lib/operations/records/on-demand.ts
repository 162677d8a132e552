import type { Deps } from '../../deps.ts';
import { KinesisFault, type StreamReference } from '../../faults.ts';
import type { ShardLoad } from '../../log/append.ts';
import { shardName } from '../../log/shard-name.ts';
import { halves, middleOf } from '../../model/reshard.ts';
import type { Shard } from '../../model/shard.ts';
import type { Stream } from '../../model/stream.ts';
import { countAccount } from '../../quotas/account-counts.ts';
import { changeExistingStream, updating } from '../../resources/change-stream.ts';
import { nextScaleDownMs, scaleDownIfDue } from '../../resources/scale-down.ts';
import { listShards, markBusy } from '../../store/shard-item.ts';
import type { StreamChanges } from '../../store/stream-item.ts';

/** How often one process checks whether a hot stream can be scaled. Most checks find that it is already changing. */
const LOOKS_PER_SECOND = 1;

/** A shard that is busy is marked once in this time: each mark is a write. */
const MARK_EVERY_MS = 3_600_000;

/** A shard of a put. */
export interface LoadedShard {
  readonly shard: Shard;
  /** What its second holds after the put. Undefined: the put was refused for the shard's limits. */
  readonly load: ShardLoad | undefined;
  /** Bytes of the put, and those among them in the lower half of the shard. */
  readonly bytes: number;
  readonly lowerBytes: number;
}

/** What a put has brought to a shard. */
export function loadOf(
  shard: Shard,
  load: ShardLoad | undefined,
  records: readonly { readonly hashKey: bigint; readonly bytes: number }[],
): LoadedShard {
  const middle = middleOf(shard.hashKeyRange);
  let [bytes, lowerBytes] = [0, 0];
  for (const record of records) {
    bytes += record.bytes;
    lowerBytes += record.hashKey < middle ? record.bytes : 0;
  }
  return { shard, load, bytes, lowerBytes };
}

/**
 * Scales an on-demand stream by what a put has seen of its shards. It splits shards that throttled the put, and those that were
 * more than half full for some seconds. It marks shards that are more than a quarter full, so that they are not merged.
 * Errors are logged, not thrown: the put that led here already has its result.
 */
export async function scaleByLoad(
  reference: StreamReference,
  stream: Stream,
  loaded: readonly LoadedShard[],
  deps: Deps,
): Promise<void> {
  if (stream.mode !== 'ON_DEMAND') {
    return;
  }
  const hot = new Set<Shard>();
  for (const { shard, load, bytes, lowerBytes } of loaded) {
    const seen =
      load === undefined
        ? { isHot: true, isBusy: true }
        : deps.shardLoads.note(shardName({ streamId: stream.id, shardIndex: shard.index }), {
            second: load.second,
            share: shareOf(load, deps),
            bytes,
            lowerBytes,
          });
    // Without throttling, a shard has all the capacity that it asks for.
    if (seen.isHot && deps.limits.throttling) {
      hot.add(shard);
    }
    if (seen.isBusy) {
      await mark(stream, shard, deps);
    }
  }
  if (hot.size > 0 && stream.openShardCount < deps.limits.onDemandMaxShards) {
    await splitHotShards(reference, [...hot], deps);
    return;
  }
  await scaleDownIfDue(stream, deps);
}

const shareOf = ({ records, bytes }: ShardLoad, { limits }: Deps): number =>
  Math.max(records / limits.shardRecordsPerSecond, bytes / limits.shardBytesPerSecond);

async function mark(stream: Stream, shard: Shard, deps: Deps): Promise<void> {
  const nowMs = deps.now();
  const isMarked = (shard.busyMs ?? 0) > nowMs - MARK_EVERY_MS;
  // The cached shard may be older than the last mark of this process.
  if (isMarked || !deps.rates.admit(`mark ${stream.id} ${shard.index}`, 1)) {
    return;
  }
  try {
    await markBusy(deps.tables, { streamId: stream.id, shardIndex: shard.index }, nowMs, nowMs - MARK_EVERY_MS);
  } catch (error) {
    deps.log.error('a busy shard could not be marked', error);
  }
}

/** Splits shards that are still open into halves, within the limits of on-demand streams and of the account. */
export async function splitHotShards(reference: StreamReference, hot: readonly Shard[], deps: Deps): Promise<void> {
  if (!deps.rates.admit(`scale ${reference.streamName}`, LOOKS_PER_SECOND)) {
    return;
  }
  try {
    await changeExistingStream(reference, deps, (stream) =>
      stream.status === 'ACTIVE' && stream.mode === 'ON_DEMAND' ? splitsOf(stream, hot, deps) : undefined,
    );
  } catch (error) {
    if (!(error instanceof KinesisFault)) {
      deps.log.error('an on-demand stream could not be scaled', error);
    }
  }
}

async function splitsOf(stream: Stream, hot: readonly Shard[], deps: Deps): Promise<StreamChanges | undefined> {
  // A hot shard may have been split since: the shards are read again.
  const shards = await listShards(deps.tables, stream.id);
  const open = shards.filter(({ index, state }) => state === 'OPEN' && hot.some((shard) => shard.index === index));
  const { openShards } = await countAccount(deps);
  const room = Math.min(
    deps.limits.onDemandMaxShards - stream.openShardCount,
    // At most twice as many shards at once, as in Kinesis.
    stream.openShardCount,
    deps.limits.accountShards - openShards,
  );
  const splits = halves(open).slice(0, Math.max(0, room));
  return splits.length === 0
    ? undefined
    : { ...updating({ kind: 'SPLIT', splits }, deps), scaleDownMs: nextScaleDownMs(deps.now()) };
}
