import type { Deps } from '../deps.ts';
import { internalFailure, type StreamReference, streamNotActive, streamNotUsable } from '../faults.ts';
import type { Stream, TransitionWork } from '../model/stream.ts';
import { StoreThrottled } from '../store/store-errors.ts';
import { changeStream, type StreamChanges } from '../store/stream-item.ts';
import { existingStream } from './existing-stream.ts';
import { newTransition, startRun } from './workflow-runs.ts';

/** Each try fails only if another change of the same stream was faster. */
const MAX_TRIES = 8;

/** Decides the changes of a stream, from the stream as it was read. Undefined: no changes. @throws KinesisFault */
export type Decide = (stream: Stream) => StreamChanges | undefined | Promise<StreamChanges | undefined>;

/**
 * Reads a stream, decides, and writes the change on condition that the stream has not changed since. If it has, all of this
 * is repeated. Then starts the run that the change begins: a transition, or a rewrite of the expiry.
 * @returns the stream on which the decision was made
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

/** If another change was faster, it may have been this one, whose response was lost. It must not be reported as refused. */
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
