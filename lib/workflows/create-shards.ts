import { tileHashKeySpace } from '../model/hash-key.ts';
import type { Shard } from '../model/shard.ts';
import { listShards, putNewShard } from '../store/shard-item.ts';
import { changeStreamInRun } from '../store/stream-item.ts';
import { putNewTail } from '../store/tail-item.ts';
import type { Step } from './advance.ts';
import { inGroups } from './in-groups.ts';

/** Shards written by one step: two items each, well within a function's time. */
const SHARDS_PER_STEP = 500;

/** CREATE: writes the shards of a new stream, tails first, then opens the stream, unless it was deleted meanwhile. */
export const createShards: Step = async (stream, deps) => {
  const written = new Set((await listShards(deps.tables, stream.id)).map((shard) => shard.index));
  const missing = initialShards(stream).filter((shard) => !written.has(shard.index));
  const now = missing.slice(0, SHARDS_PER_STEP);
  await inGroups(now, async (shard) => {
    const reference = { streamId: stream.id, shardIndex: shard.index };
    // The shard item tells that its tail is there: a step that stops in between writes both again.
    await putNewTail(deps.tables, reference, { shardState: 'OPEN', reservedMs: stream.createdMs });
    await putNewShard(deps.tables, stream.id, shard);
  });
  if (now.length < missing.length) {
    return false;
  }
  return changeStreamInRun(
    deps.tables,
    stream,
    { member: 'transition', id: stream.transition.id },
    { status: 'ACTIVE', activated: true, transition: undefined },
  );
};

function initialShards(stream: Parameters<Step>[0]): Shard[] {
  return tileHashKeySpace(stream.openShardCount).map((hashKeyRange, index) => ({
    index,
    hashKeyRange,
    state: 'OPEN',
    createdSeconds: Math.floor(stream.createdMs / 1000),
  }));
}
