import type { Deps } from '../deps.ts';
import { internalFailure, type StreamReference, streamNotActive, streamNotUsable } from '../faults.ts';
import type { Stream, TransitionWork } from '../model/stream.ts';
import { StoreThrottled } from '../store/store-errors.ts';
import { changeStream, type StreamChanges } from '../store/stream-item.ts';
import { existingStream } from './existing-stream.ts';
import { newTransition, startRun } from './workflow-runs.ts';

/** Each try loses against another change of the same stream. */
const MAX_TRIES = 8;

/** What an operation decides for a stream as it was read: its changes, or none. @throws KinesisFault */
export type Decide = (stream: Stream) => StreamChanges | undefined | Promise<StreamChanges | undefined>;

/**
 * Reads a stream, decides, and writes the change on condition that nobody else changed the stream in between; otherwise
 * does so again. What the change begins is started: a transition, or a rewrite of the expiry.
 * @returns the stream as it was decided about
 * @throws KinesisFault what deciding throws, ResourceNotFoundException, or InternalFailure when others were always faster
 */
export async function changeExistingStream(reference: StreamReference, deps: Deps, decide: Decide): Promise<Stream> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stream = await (tries === 0 ? existingStream(reference, deps) : streamAgain(reference, deps));
    const changes = await decide(stream);
    if (changes === undefined) {
      return stream;
    }
    if (await changeStream(deps.tables, stream, changes)) {
      deps.catalog.forget(stream.name);
      for (const member of ['transition', 'expiryRewrite'] as const) {
        const run = changes[member];
        if (run !== undefined && run.id !== stream[member]?.id) {
          await startRun(stream, run, deps);
        }
      }
      return stream;
    }
  }
  throw internalFailure();
}

/** Where another was faster, that may have been this very change, whose answer was lost: it must not be told as refused. */
async function streamAgain(reference: StreamReference, deps: Deps): Promise<Stream> {
  try {
    return await existingStream(reference, deps);
  } catch (error) {
    throw error instanceof StoreThrottled ? internalFailure() : error;
  }
}

/** The changes that take a stream through UPDATING. */
export function updating(work: TransitionWork, deps: Deps): StreamChanges {
  return { status: 'UPDATING', transition: newTransition(work, deps) };
}

/** @throws KinesisFault ResourceInUseException unless the stream is ACTIVE */
export function requireActive(stream: Stream, reference: StreamReference): void {
  if (stream.status !== 'ACTIVE') {
    throw streamNotActive(reference, stream.status);
  }
}

/** @throws KinesisFault ResourceInUseException while the stream is CREATING or DELETING */
export function requireUsable(stream: Stream, reference: StreamReference): void {
  if (stream.status === 'CREATING' || stream.status === 'DELETING') {
    throw streamNotUsable(reference, stream.status);
  }
}
