import type { Deps } from '../../deps.ts';
import { KinesisFault } from '../../faults.ts';
import { type Stream, streamArn } from '../../model/stream.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream } from '../../resources/change-stream.ts';
import { liveConsumers } from '../../resources/existing-consumer.ts';
import { newTransition } from '../../resources/workflow-runs.ts';
import { StreamArn, StreamId, StreamName } from '../../schema/shapes.ts';
import { boolean, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';

/**
 * Deletes a stream with everything in it, in any state. A stream with consumers is deleted only if the request enforces it.
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
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    await changeExistingStream(reference, deps, async (stream) => {
      if (stream.status === 'DELETING') {
        return undefined;
      }
      if (input.EnforceConsumerDeletion !== true) {
        await refuseConsumers(stream, deps);
      }
      return { status: 'DELETING', transition: newTransition({ kind: 'DELETE' }, deps) };
    });
  },
});

async function refuseConsumers(stream: Stream, deps: Deps): Promise<void> {
  if ((await liveConsumers(stream, deps)).length > 0) {
    throw new KinesisFault(
      'ResourceInUseException',
      `DeleteStream can't delete ${streamArn(deps.account, stream.name)} because there are consumers associated with ` +
        `this data stream. To delete ${stream.name} anyway, set the EnforceConsumerDeletion parameter to true to force ` +
        'the deletion of all the consumers that are associated with it.',
    );
  }
}
