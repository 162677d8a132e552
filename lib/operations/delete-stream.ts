import type { Deps } from '../deps.ts';
import { internalFailure, type StreamReference } from '../faults.ts';
import { StreamArn, StreamId, StreamName } from '../schema/shapes.ts';
import { boolean, structure } from '../schema/structure.ts';
import { beginTransition } from '../store/stream-item.ts';
import { addressedStream } from './addressed-stream.ts';
import { existingStream } from './existing-stream.ts';
import { operationWithoutOutput } from './operation.ts';
import { newTransition, startTransition } from './transition.ts';

/** Each try loses against another change of the same stream. */
const MAX_TRIES = 5;

/**
 * Deletes a stream with everything in it, from any state.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html
 */
export const deleteStream = operationWithoutOutput({
  name: 'DeleteStream',
  input: structure({
    StreamName: StreamName,
    EnforceConsumerDeletion: boolean,
    StreamARN: StreamArn,
    StreamId: StreamId,
  }),
  faults: ['ResourceNotFoundException', 'LimitExceededException', 'ResourceInUseException', 'InvalidArgumentException'],
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    deps.catalog.forget(reference.streamName);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (await tryToDelete(reference, deps)) {
        return;
      }
    }
    throw internalFailure();
  },
});

async function tryToDelete(reference: StreamReference, deps: Deps): Promise<boolean> {
  const stream = await existingStream(reference, deps);
  if (stream.status === 'DELETING') {
    return true;
  }
  const transition = newTransition('DELETE', deps);
  const begun = await beginTransition(deps.tables, stream, transition, { status: 'DELETING' });
  if (begun) {
    await startTransition(stream, transition, deps);
  }
  return begun;
}
