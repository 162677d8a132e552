import type { Deps } from '../deps.ts';
import { type StreamReference, shardDoesNotExist } from '../faults.ts';
import { shardId } from '../model/shard.ts';
import type { ShardContext } from './starting-position.ts';

/**
 * The shard that is to be read. Always looks anew: what a process remembers may be a stream that has been deleted and created
 * again under its name, and a reader of that one would never come to an end.
 * @throws KinesisFault ResourceNotFoundException in the words for shards, whether stream or shard is missing
 */
export async function existingShard(reference: StreamReference, index: number, deps: Deps): Promise<ShardContext> {
  const entry = await deps.catalog.refresh(reference.streamName);
  const shard = entry?.shards.find((candidate) => candidate.index === index);
  if (entry === undefined || shard === undefined) {
    throw shardDoesNotExist(reference, shardId(index));
  }
  return { reference, readAt: entry.readAt, stream: entry.stream, shard };
}
