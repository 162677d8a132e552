import type { Deps } from '../deps.ts';
import type { Shard } from '../model/shard.ts';
import { openShard as openShardItem, putNewShard } from '../store/shard-item.ts';
import { getStream } from '../store/stream-item.ts';
import { putNewTail } from '../store/tail-item.ts';
import { openTail } from '../store/tail-state.ts';
import type { ChangingStream } from './step.ts';

/**
 * A step creates a new shard in three parts. A step may pause for any time, and its stream may be deleted meanwhile.
 * The three parts ensure that the deleted stream never gets a shard that accepts records:
 *
 *   WRITE  the tail and the shard item as PENDING: clients do not see them, and they give no positions
 *   CHECK  that the stream is still in the same transition: a deletion that begins later finds what was written
 *   OPEN   the tail and the shard item, if they still exist and are PENDING
 */

/** WRITE. Idempotent. */
export async function writePendingShard(
  streamId: string,
  shard: Omit<Shard, 'state'>,
  reservedMs: number,
  deps: Deps,
): Promise<void> {
  // The tail is written first, so every shard item has a tail. A step that stops in between is repeated in full.
  await putNewTail(deps.tables, { streamId, shardIndex: shard.index }, { shardState: 'PENDING', reservedMs });
  await putNewShard(deps.tables, streamId, { ...shard, state: 'PENDING' });
}

/** CHECK. It must come after the WRITE of everything that is then opened. */
export async function isStillChanging({ name, id, transition }: ChangingStream, deps: Deps): Promise<boolean> {
  const stream = await getStream(deps.tables, name);
  return stream?.id === id && stream.transition?.id === transition.id;
}

/** OPEN. @param createdSeconds epoch seconds */
export async function openShard(streamId: string, index: number, createdSeconds: number, deps: Deps): Promise<void> {
  // The tail opens first: no shard item opens before its tail. A step that stops in between is repeated in full.
  await openTail(deps.tables, { streamId, shardIndex: index });
  await openShardItem(deps.tables, streamId, index, createdSeconds);
}
