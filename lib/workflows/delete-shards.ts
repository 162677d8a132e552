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

/** Shards removed by one step: a handful of calls each, well within a function's time. */
const SHARDS_PER_STEP = 250;

/**
 * DELETE: seals and removes every shard, then the consumers, then the stream. Records are left to their expiry, which is
 * free; nobody finds them any more, since a stream's id is never used again.
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

/** @returns whether none is left */
export async function removeShards(streamId: string, deps: Deps): Promise<boolean> {
  const shards = await listShards(deps.tables, streamId);
  await inGroups(shards.slice(0, SHARDS_PER_STEP), async ({ index }) => {
    const shard = { streamId, shardIndex: index };
    // Nobody reads the stream any more: the seal only has to outlast writers that have not heard yet.
    const ttl = expirySeconds(deps.now(), 0);
    await sealShard(deps.tables, shard, { now: deps.now, writer: deps.newId(), ttl });
    await expireSeal(deps.tables, shard, ttl);
    await deleteTail(deps.tables, shard);
    // The shard item goes last: as long as it is there, a step that is repeated finds the shard again.
    await deleteShard(deps.tables, streamId, index);
  });
  return shards.length <= SHARDS_PER_STEP;
}
