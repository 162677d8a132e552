import type { Deps } from '../deps.ts';
import { expirySeconds } from '../log/protocol.ts';
import { sealShard } from '../log/seal.ts';
import { retentionMs, type Stream } from '../model/stream.ts';
import { deleteShard, listShards } from '../store/shard-item.ts';
import { deleteStreamItem } from '../store/stream-item.ts';
import { deleteTail } from '../store/tail-item.ts';
import type { Step } from './advance.ts';
import { inGroups } from './in-groups.ts';

/** Shards removed by one step: a handful of calls each, well within a function's time. */
const SHARDS_PER_STEP = 250;

/**
 * DELETE: seals and removes every shard, then the stream. Records are left to their expiry, which is free; nobody finds
 * them any more, since a stream's id is never used again.
 */
export const deleteShards: Step = async (stream, deps) => {
  if (!(await removeShards(stream, deps))) {
    return false;
  }
  await deleteStreamItem(deps.tables, stream, stream.transition.id);
  return true;
};

/** @returns whether none is left */
export async function removeShards(stream: Stream, deps: Deps): Promise<boolean> {
  const shards = await listShards(deps.tables, stream.id);
  await inGroups(shards.slice(0, SHARDS_PER_STEP), async ({ index }) => {
    const shard = { streamId: stream.id, shardIndex: index };
    const nowMs = deps.now();
    await sealShard(deps.tables, shard, {
      nowMs,
      writer: deps.newId(),
      ttl: expirySeconds(nowMs, retentionMs(stream)),
    });
    await deleteTail(deps.tables, shard);
    // The shard item goes last: as long as it is there, a step that is repeated finds the shard again.
    await deleteShard(deps.tables, stream.id, index);
  });
  return shards.length <= SHARDS_PER_STEP;
}
