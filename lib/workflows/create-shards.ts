import { tileHashKeySpace } from '../model/hash-key.ts';
import type { Shard } from '../model/shard.ts';
import { listShards } from '../store/shard-item.ts';
import { changeStreamInTransition } from '../store/stream-item.ts';
import { inGroups } from './in-groups.ts';
import { isStillChanging, openShard, writePendingShard } from './open-shard.ts';
import type { Step } from './step.ts';

/** The shards that one step opens: four writes each, well within a function's timeout. */
const SHARDS_PER_STEP = 500;

/** CREATE: writes and opens the shards of a new stream, then makes it ACTIVE, unless it was deleted meanwhile. */
export const createShards: Step = async (stream, deps) => {
  const open = new Set(
    (await listShards(deps.tables, stream.id)).filter(({ state }) => state === 'OPEN').map(({ index }) => index),
  );
  const missing = initialShards(stream).filter((shard) => !open.has(shard.index));
  const now = missing.slice(0, SHARDS_PER_STEP);
  await inGroups(now, (shard) => writePendingShard(stream.id, shard, stream.createdMs, deps));
  if (!(await isStillChanging(stream, deps))) {
    return false;
  }
  await inGroups(now, ({ index, createdSeconds }) => openShard(stream.id, index, createdSeconds, deps));
  if (now.length < missing.length) {
    return false;
  }
  return changeStreamInTransition(deps.tables, stream, stream.transition.id, {
    status: 'ACTIVE',
    activated: true,
    transition: undefined,
  });
};

function initialShards(stream: Parameters<Step>[0]): Omit<Shard, 'state'>[] {
  return tileHashKeySpace(stream.openShardCount).map((hashKeyRange, index) => ({
    index,
    hashKeyRange,
    createdSeconds: Math.floor(stream.createdMs / 1000),
  }));
}
