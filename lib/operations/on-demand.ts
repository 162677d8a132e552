import type { Deps } from '../deps.ts';
import { KinesisFault, type StreamReference } from '../faults.ts';
import { halves } from '../model/reshard.ts';
import type { Shard } from '../model/shard.ts';
import { countAccount } from './account-counts.ts';
import { changeExistingStream, updating } from './change-stream.ts';

/**
 * Scales an on-demand stream whose shards had to refuse records: those shards are split in halves, within the bounds of
 * on-demand streams and of the account. While the stream is changing already nothing more is begun.
 * Whatever goes wrong is logged, not told: the put that led here has its answer.
 */
export async function splitHotShards(reference: StreamReference, hot: readonly Shard[], deps: Deps): Promise<void> {
  try {
    const { openShards } = await countAccount(deps);
    await changeExistingStream(reference, deps, (stream) => {
      const room = Math.min(
        deps.limits.onDemandMaxShards - stream.openShardCount,
        // At most double at once, as on-demand streams do.
        stream.openShardCount,
        deps.limits.accountShards - openShards,
      );
      const splits = halves(hot).slice(0, Math.max(0, room));
      return stream.status !== 'ACTIVE' || stream.mode !== 'ON_DEMAND' || splits.length === 0
        ? undefined
        : updating({ kind: 'SPLIT', splits }, deps);
    });
  } catch (error) {
    if (!(error instanceof KinesisFault)) {
      deps.log.error('an on-demand stream could not be scaled', error);
    }
  }
}
