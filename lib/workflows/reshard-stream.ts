import { setTimeout as sleep } from 'node:timers/promises';
import type { Deps } from '../deps.ts';
import { sealShard } from '../log/seal.ts';
import { planReshards, type Reshard, type ReshardedShard } from '../model/reshard.ts';
import type { Shard } from '../model/shard.ts';
import { changeShard, listShards, putNewShard } from '../store/shard-item.ts';
import { changeStreamInRun } from '../store/stream-item.ts';
import { openTail, putNewTail } from '../store/tail-item.ts';
import type { ChangingStream, Step } from './advance.ts';
import { inGroups } from './in-groups.ts';

/** Sealing the parents of a step takes about so long. */
const CLOSING_TAKES_MS = 50;

/** Splits and merges done by one step: some ten calls each, well within a function's time. */
const RESHARDS_PER_STEP = 200;

/**
 * SPLIT, MERGE, SCALE: does the splits and merges of the plan that are ready and not done yet. The plan is made anew by
 * every step, from the shards that were open when the transition began: those that still are, and those whose children
 * are of this transition.
 */
export const reshardStream: Step = async (stream, deps) => {
  const shards = await listShards(deps.tables, stream.id);
  const known = new Map(shards.map((shard) => [shard.index, shard]));
  const plan = planReshards(stream.transition, openAtBeginning(stream, shards), stream.nextShardIndex);
  if (plan === undefined) {
    deps.log.error('a reshard names shards that are not open', new Error(stream.transition.id));
    return changeStreamInRun(
      deps.tables,
      stream,
      { member: 'transition', id: stream.transition.id },
      { status: 'ACTIVE', transition: undefined },
    );
  }
  const isDone = ({ children }: Reshard) =>
    children.every(({ index }) => (known.get(index)?.state ?? 'PENDING') !== 'PENDING');
  const pending = plan.filter((reshard) => !isDone(reshard));
  if (pending.length > 0) {
    const ready = pending.filter(({ parents }) =>
      parents.every(({ index }) => (known.get(index)?.state ?? 'PENDING') !== 'PENDING'),
    );
    await inGroups(ready.slice(0, RESHARDS_PER_STEP), (reshard) => doReshard(stream, reshard, known, deps));
    return false;
  }
  const children = plan.reduce((sum, reshard) => sum + reshard.children.length, 0);
  return changeStreamInRun(
    deps.tables,
    stream,
    { member: 'transition', id: stream.transition.id },
    {
      status: 'ACTIVE',
      transition: undefined,
      openShardCount: shards.filter((shard) => shard.state === 'OPEN').length,
      nextShardIndex: stream.nextShardIndex + children,
    },
  );
};

/** In the order of their ranges. */
function openAtBeginning(stream: ChangingStream, shards: readonly Shard[]): Shard[] {
  const first = stream.nextShardIndex;
  const parents = new Set(
    shards
      .filter((shard) => shard.index >= first)
      .flatMap(({ parentIndex, adjacentParentIndex }) => [parentIndex, adjacentParentIndex]),
  );
  return shards
    .filter((shard) => shard.index < first && (shard.state === 'OPEN' || parents.has(shard.index)))
    .sort((a, b) => (a.hashKeyRange.start < b.hashKeyRange.start ? -1 : 1));
}

/**
 * One split or merge. The order is what keeps each key's records in order: a child takes nothing before its parents are
 * sealed. Between sealing and opening, writers find no open shard for their key and try again; both run back to back.
 */
async function doReshard(
  stream: ChangingStream,
  { parents, children }: Reshard,
  known: ReadonlyMap<number, Shard>,
  deps: Deps,
): Promise<void> {
  const { tables } = deps;
  await inGroups(children, (child) => writePendingShard(stream.id, child, parents, deps));
  await sleep(msUntilClosing(deps.now()));
  const closings = await Promise.all(
    parents.map(async ({ index }) => {
      const seal = await sealShard(
        tables,
        { streamId: stream.id, shardIndex: index },
        { now: deps.now, writer: deps.newId() },
      );
      // A shard that was made by this transition may lie in the future by a second; it closes no earlier.
      return Math.max(Math.floor((seal?.arrivalMs ?? 0) / 1000), known.get(index)?.createdSeconds ?? 0);
    }),
  );
  const closedSeconds = Math.max(...closings);
  // No record may have a time that has not come yet: the children open when their second begins.
  await sleep(Math.min(Math.max(0, (closedSeconds + 1) * 1000 - deps.now()), 1_000));
  await inGroups(parents, ({ index }) => changeShard(tables, stream.id, index, { state: 'CLOSED', closedSeconds }));
  await inGroups(children, async ({ index }) => {
    // The shard item tells that its tail is open: a step that stops in between does both again.
    await openTail(tables, { streamId: stream.id, shardIndex: index });
    await changeShard(tables, stream.id, index, { state: 'OPEN', createdSeconds: closedSeconds + 1 });
  });
}

/**
 * Children begin with the second after the one in which their parents close. Parents close at the end of a second, so that
 * writers wait only for the rest of it.
 */
function msUntilClosing(nowMs: number): number {
  return Math.max(0, 1_000 - CLOSING_TAKES_MS - (nowMs % 1_000));
}

async function writePendingShard(
  streamId: string,
  child: ReshardedShard,
  parents: readonly ReshardedShard[],
  deps: Deps,
): Promise<void> {
  const [parent, adjacentParent] = parents;
  await putNewTail(
    deps.tables,
    { streamId, shardIndex: child.index },
    { shardState: 'PENDING', reservedMs: deps.now() },
  );
  await putNewShard(deps.tables, streamId, {
    index: child.index,
    hashKeyRange: child.hashKeyRange,
    state: 'PENDING',
    createdSeconds: 0,
    ...(parent && { parentIndex: parent.index }),
    ...(adjacentParent && { adjacentParentIndex: adjacentParent.index }),
  });
}
