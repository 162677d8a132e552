import type { Deps } from '../deps.ts';
import { expirySeconds } from '../log/protocol.ts';
import { expireSeal, sealShard } from '../log/seal.ts';
import { deleteConsumer, listConsumers } from '../store/consumer-item.ts';
import { deleteShard, listShards } from '../store/shard-item.ts';
import { deleteStreamItem } from '../store/stream-item.ts';
import { deleteStreamResource } from '../store/stream-resource-item.ts';
import { deleteTail } from '../store/tail-state.ts';
import { inGroups } from './in-groups.ts';
import type { Step } from './step.ts';

/** The shards that one step removes: a handful of calls each, well within a function's timeout. */
const SHARDS_PER_STEP = 250;

/**
 * DELETE: seals and removes every shard, then removes the consumers, then the stream. Records stay until they expire,
 * which is free. No reader finds them any more, because a stream's id is never used again.
 */
export const deleteShards: Step = async (stream, deps) => {
  if (!(await removeShards(stream.id, deps))) {
    return false;
  }
  const consumers = await listConsumers(deps.tables, stream.id);
  await inGroups(consumers, (consumer) => deleteConsumer(deps.tables, stream.id, consumer));
  await deleteStreamResource(deps.tables, stream);
  await deleteStreamItem(deps.tables, stream, stream.transition.id);
  return true;
};

/** Seals and removes shards of a stream, as many as fit into one step. @returns whether no shard is left */
export async function removeShards(streamId: string, deps: Deps): Promise<boolean> {
  const shards = await listShards(deps.tables, streamId);
  await inGroups(shards.slice(0, SHARDS_PER_STEP), async ({ index }) => {
    const shard = { streamId, shardIndex: index };
    // No reader reads the stream any more. The seal must only outlast writers that do not know of the deletion yet.
    const ttl = expirySeconds(deps.now(), 0);
    await sealShard(deps.tables, shard, { now: deps.now, writer: deps.newId(), ttl });
    await expireSeal(deps.tables, shard, ttl);
    await deleteTail(deps.tables, shard);
    // The shard item is deleted last: as long as it exists, a repeated step finds the shard again.
    await deleteShard(deps.tables, streamId, index);
  });
  return shards.length <= SHARDS_PER_STEP;
}
