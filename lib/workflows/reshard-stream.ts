import { setTimeout as sleep } from 'node:timers/promises';
import type { Deps } from '../deps.ts';
import { sealShard } from '../log/seal.ts';
import { planReshards, type Reshard, type ReshardedShard } from '../model/reshard.ts';
import type { Shard } from '../model/shard.ts';
import { closeShard, listShards } from '../store/shard-item.ts';
import { changeStreamInTransition } from '../store/stream-item.ts';
import { inGroups } from './in-groups.ts';
import { isStillChanging, openShard, writePendingShard } from './open-shard.ts';
import type { ChangingStream, Step } from './step.ts';

/** Sealing the parents of one split or merge takes about this long. */
const CLOSING_TAKES_MS = 50;

/** The splits and merges that one step does: about ten calls each, well within a function's timeout. */
const RESHARDS_PER_STEP = 200;

/**
 * SPLIT, MERGE, SCALE: does the splits and merges of the plan that are ready and not done yet. Every step makes the
 * plan again, from the shards that were open when the transition began. These are the shards that are still open, and
 * the shards whose children belong to this transition.
 */
export const reshardStream: Step = async (stream, deps) => {
  const shards = await listShards(deps.tables, stream.id);
  const known = new Map(shards.map((shard) => [shard.index, shard]));
  const plan = planReshards(stream.transition, openAtBeginning(stream, shards), stream.nextShardIndex);
  if (plan === undefined) {
    deps.log.error('a reshard names shards that are not open', new Error(stream.transition.id));
    return changeStreamInTransition(deps.tables, stream, stream.transition.id, {
      status: 'ACTIVE',
      transition: undefined,
    });
  }
  const isDone = ({ children }: Reshard) =>
    children.every(({ index }) => (known.get(index)?.state ?? 'PENDING') !== 'PENDING');
  const pending = plan.filter((reshard) => !isDone(reshard));
  if (pending.length > 0) {
    const ready = pending.filter(({ parents }) =>
      parents.every(({ index }) => (known.get(index)?.state ?? 'PENDING') !== 'PENDING'),
    );
    await doReshards(stream, ready.slice(0, RESHARDS_PER_STEP), known, deps);
    return false;
  }
  const children = plan.reduce((sum, reshard) => sum + reshard.children.length, 0);
  return changeStreamInTransition(deps.tables, stream, stream.transition.id, {
    status: 'ACTIVE',
    transition: undefined,
    openShardCount: shards.filter((shard) => shard.state === 'OPEN').length,
    nextShardIndex: stream.nextShardIndex + children + (stream.skippedIndexes ?? 0),
    skippedIndexes: undefined,
  });
};

/** The shards that were open when the transition began, in the order of their hash key ranges. */
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

/** Does the splits and merges of one step. It writes all of their children before it opens the first one. */
async function doReshards(
  stream: ChangingStream,
  reshards: readonly Reshard[],
  known: ReadonlyMap<number, Shard>,
  deps: Deps,
): Promise<void> {
  await inGroups(reshards, async ({ parents, children }) => {
    for (const child of children) {
      await writePendingShard(stream.id, pendingChild(child, parents), deps.now(), deps);
    }
  });
  if (await isStillChanging(stream, deps)) {
    await inGroups(reshards, (reshard) => doReshard(stream, reshard, known, deps));
  }
}

/**
 * Does one split or merge. A child accepts no records before its parents are sealed. This keeps the records of each
 * key in order. Between sealing and opening, writers find no open shard for their key, and retry. So the children open
 * right after the sealing, when their second begins.
 */
async function doReshard(
  stream: ChangingStream,
  { parents, children }: Reshard,
  known: ReadonlyMap<number, Shard>,
  deps: Deps,
): Promise<void> {
  await sleep(msUntilClosing(deps.now()));
  const ends = await Promise.all(parents.map(({ index }) => endOfLog(stream, index, known, deps)));
  if (!ends.every((end) => end !== undefined)) {
    // The stream is being deleted, and a parent is already gone.
    return;
  }
  const endSeconds = Math.max(...ends);
  // No record may have a time in the future. So the children open when their second begins.
  await sleep(Math.min(Math.max(0, (endSeconds + 1) * 1000 - deps.now()), 1_000));
  const closedSeconds = await closeShards(stream, parents, endSeconds, deps);
  if (closedSeconds !== undefined) {
    await inGroups(children, ({ index }) => openShard(stream.id, index, closedSeconds + 1, deps));
  }
}

/** Seals a parent. @returns the second in which its log ended, epoch seconds; undefined if it is gone */
async function endOfLog(
  stream: ChangingStream,
  shardIndex: number,
  known: ReadonlyMap<number, Shard>,
  deps: Deps,
): Promise<number | undefined> {
  const shard = { streamId: stream.id, shardIndex };
  const seal = await sealShard(deps.tables, shard, { now: deps.now, writer: deps.newId() });
  // A shard that this transition created may begin up to a second in the future. It must not close earlier.
  return seal && Math.max(Math.floor(seal.endMs / 1000), known.get(shardIndex)?.createdSeconds ?? 0);
}

/**
 * Closes the parents, all in the same second. If the step is repeated, or runs twice at the same time, the second that
 * was written first to the first parent applies to all.
 * @returns the second in which they closed; undefined if a parent is gone
 */
async function closeShards(
  stream: ChangingStream,
  parents: readonly ReshardedShard[],
  endSeconds: number,
  deps: Deps,
): Promise<number | undefined> {
  let closedSeconds: number | undefined = endSeconds;
  for (const { index } of parents) {
    closedSeconds &&= await closeShard(deps.tables, stream.id, index, closedSeconds);
  }
  return closedSeconds;
}

/**
 * How long to wait before the parents are sealed, ms. Children begin in the second after the one in which their
 * parents close. So parents close at the end of a second, and writers wait only for the rest of it.
 */
function msUntilClosing(nowMs: number): number {
  return Math.max(0, 1_000 - CLOSING_TAKES_MS - (nowMs % 1_000));
}

function pendingChild(child: ReshardedShard, parents: readonly ReshardedShard[]): Omit<Shard, 'state'> {
  const [parent, adjacentParent] = parents;
  return {
    index: child.index,
    hashKeyRange: child.hashKeyRange,
    createdSeconds: 0,
    ...(parent && { parentIndex: parent.index }),
    ...(adjacentParent && { adjacentParentIndex: adjacentParent.index }),
  };
}
