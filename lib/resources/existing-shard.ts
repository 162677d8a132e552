import type { Deps } from '../deps.ts';
import { type StreamReference, shardDoesNotExist } from '../faults.ts';
import { type Shard, shardId } from '../model/shard.ts';
import type { Stream } from '../model/stream.ts';
import type { Moment } from '../runtime/stopwatch.ts';
import { getShard } from '../store/shard-item.ts';
import { isListed } from '../store/stream-catalog.ts';

/** The shard that is read. */
export interface ShardContext {
  readonly reference: StreamReference;
  /** Taken before the stream was read. */
  readonly readAt: Moment;
  readonly stream: Stream;
  readonly shard: Shard;
}

/**
 * The shard that is to be read. Always reads the stream again. The cached stream may have been deleted and created again
 * with the same name, and a reader of the deleted stream would never reach an end.
 * @throws KinesisFault ResourceNotFoundException in the words for shards, whether stream or shard is missing
 */
export async function existingShard(reference: StreamReference, index: number, deps: Deps): Promise<ShardContext> {
  const seen = await deps.catalog.look(reference.streamName);
  const shard = seen && (await getShard(deps.tables, { streamId: seen.stream.id, shardIndex: index }));
  if (seen === undefined || shard === undefined || !isListed(shard, seen.stream)) {
    throw shardDoesNotExist(reference, shardId(index));
  }
  return { reference, ...seen, shard };
}
