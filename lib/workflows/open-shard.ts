import type { Deps } from '../deps.ts';
import type { Shard } from '../model/shard.ts';
import { openShard as openShardItem, putNewShard } from '../store/shard-item.ts';
import { getStream } from '../store/stream-item.ts';
import { putNewTail } from '../store/tail-item.ts';
import { openTail } from '../store/tail-state.ts';
import type { ChangingStream } from './step.ts';

/**
 * A new shard comes into being in three acts, so that a step which stands still for whatever time never gives a stream that was
 * deleted meanwhile a shard that takes records:
 *
 *   WRITE  tail and shard item, PENDING: no one is told of them, and they give no positions
 *   CHECK  that the stream is still in the very transition: a deletion that begins later finds what was written
 *   OPEN   tail and shard item, if they are still there and PENDING
 */

/** WRITE. Repeating it changes nothing. */
export async function writePendingShard(
  streamId: string,
  shard: Omit<Shard, 'state'>,
  reservedMs: number,
  deps: Deps,
): Promise<void> {
  // The shard item tells that its tail is there: a step that stops in between writes both again.
  await putNewTail(deps.tables, { streamId, shardIndex: shard.index }, { shardState: 'PENDING', reservedMs });
  await putNewShard(deps.tables, streamId, { ...shard, state: 'PENDING' });
}

/** CHECK, after all that is to be opened was written. */
export async function isStillChanging({ name, id, transition }: ChangingStream, deps: Deps): Promise<boolean> {
  const stream = await getStream(deps.tables, name);
  return stream?.id === id && stream.transition?.id === transition.id;
}

/** OPEN. @param createdSeconds epoch seconds */
export async function openShard(streamId: string, index: number, createdSeconds: number, deps: Deps): Promise<void> {
  // The shard item tells that its tail is open: a step that stops in between does both again.
  await openTail(deps.tables, { streamId, shardIndex: index });
  await openShardItem(deps.tables, streamId, index, createdSeconds);
}
