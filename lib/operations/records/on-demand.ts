import type { Deps } from '../../deps.ts';
import { KinesisFault, type StreamReference } from '../../faults.ts';
import { halves } from '../../model/reshard.ts';
import type { Shard } from '../../model/shard.ts';
import type { Stream } from '../../model/stream.ts';
import { countAccount } from '../../quotas/account-counts.ts';
import { changeExistingStream, updating } from '../../resources/change-stream.ts';
import { listShards } from '../../store/shard-item.ts';
import type { StreamChanges } from '../../store/stream-item.ts';

/** How often one process looks whether a hot stream can be scaled; most looks find it changing already. */
const LOOKS_PER_SECOND = 1;

/**
 * Scales an on-demand stream whose shards had to refuse records: those of them that are still open are split in halves,
 * within the bounds of on-demand streams and of the account. While the stream is changing already nothing more is begun.
 * Whatever goes wrong is logged, not told: the put that led here has its answer.
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
  // What was hot may have been split since: the shards are looked at anew.
  const shards = await listShards(deps.tables, stream.id);
  const open = shards.filter(({ index, state }) => state === 'OPEN' && hot.some((shard) => shard.index === index));
  const { openShards } = await countAccount(deps);
  const room = Math.min(
    deps.limits.onDemandMaxShards - stream.openShardCount,
    // At most double at once, as on-demand streams do.
    stream.openShardCount,
    deps.limits.accountShards - openShards,
  );
  const splits = halves(open).slice(0, Math.max(0, room));
  return splits.length === 0 ? undefined : updating({ kind: 'SPLIT', splits }, deps);
}
