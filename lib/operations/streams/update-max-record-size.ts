import { invalidArgument } from '../../faults.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireActive, updating } from '../../resources/change-stream.ts';
import { StreamArn, StreamId } from '../../schema/shapes.ts';
import { integer, required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';

/**
 * Sets the size of the largest record that a stream accepts.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateMaxRecordSize.html
 */
export const updateMaxRecordSize = operationWithoutOutput({
  name: 'UpdateMaxRecordSize',
  input: structure({
    StreamARN: StreamArn,
    StreamId: StreamId,
    MaxRecordSizeInKiB: required(integer({ min: 1024, max: 10_240 })),
  }),
  faults: [
    'ResourceInUseException',
    'ResourceNotFoundException',
    'LimitExceededException',
    'InvalidArgumentException',
    'ValidationException',
  ],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    if (input.StreamARN === undefined) {
      throw invalidArgument('StreamARN must be provided.');
    }
    const reference = addressedStream(input, deps);
    await changeExistingStream(reference, deps, (stream) => {
      requireActive(stream, reference);
      return updating({ kind: 'UPDATE', changes: { maxRecordKiB: input.MaxRecordSizeInKiB } }, deps);
    });
  },
});
