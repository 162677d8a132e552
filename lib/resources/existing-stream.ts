import type { Deps } from '../deps.ts';
import { type StreamReference, streamNotFound } from '../faults.ts';
import { isServing, type Stream } from '../model/stream.ts';
import type { StreamEntry } from '../store/stream-catalog.ts';
import { getStream } from '../store/stream-item.ts';
import { restartStuckRuns, restartStuckRunsThrottled } from './workflow-runs.ts';

/**
 * A stream as it is now. Also restarts a transition that makes no progress.
 * @throws KinesisFault ResourceNotFoundException
 */
export async function existingStream(reference: StreamReference, deps: Deps): Promise<Stream> {
  const stream = await getStream(deps.tables, reference.streamName);
  if (stream === undefined) {
    throw streamNotFound(reference);
  }
  await restartStuckRuns(stream, deps);
  return stream;
}

/** The same with its shards. @throws KinesisFault ResourceNotFoundException */
export async function existingStreamWithShards(reference: StreamReference, deps: Deps): Promise<StreamEntry> {
  const entry = await deps.catalog.refresh(reference.streamName);
  if (entry === undefined) {
    throw streamNotFound(reference);
  }
  await restartStuckRuns(entry.stream, deps);
  return entry;
}

/**
 * A stream that accepts and returns records, from the cache.
 * @throws KinesisFault ResourceNotFoundException, also while the stream is CREATING or DELETING
 */
export async function servingStream(reference: StreamReference, deps: Deps): Promise<StreamEntry> {
  const entry = await deps.catalog.get(reference.streamName);
  if (entry === undefined || !isServing(entry.stream)) {
    throw streamNotFound(reference);
  }
  await restartStuckRunsThrottled(entry.stream, deps);
  return entry;
}
