import type { Deps } from '../../deps.ts';
import { KinesisFault, type StreamReference } from '../../faults.ts';
import { halves } from '../../model/reshard.ts';
import type { Shard } from '../../model/shard.ts';
import type { Stream } from '../../model/stream.ts';
import { countAccount } from '../../quotas/account-counts.ts';
import { changeExistingStream, updating } from '../../resources/change-stream.ts';
import { listShards } from '../../store/shard-item.ts';
import type { StreamChanges } from '../../store/stream-item.ts';

/** How often one process checks whether a hot stream can be scaled. Most checks find that it is already changing. */
const LOOKS_PER_SECOND = 1;

/**
 * Scales an on-demand stream whose shards have throttled records: it splits those that are still open into halves,
 * within the limits of on-demand streams and of the account. It does nothing while the stream is already changing.
 * Errors are logged, not thrown: the put that led here already has its result.
 */
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
  return splits.length === 0 ? undefined : updating({ kind: 'SPLIT', splits }, deps);
}
