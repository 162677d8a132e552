import { countDailyCall } from '../../quotas/daily-calls.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireActive, updating } from '../../resources/change-stream.ts';
import { EncryptionType, KeyId, StreamArn, StreamId, StreamName } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';

/**
 * Ends a stream's encryption. Records that were put before stay marked as encrypted.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StopStreamEncryption.html
 */
export const stopStreamEncryption = operationWithoutOutput({
  name: 'StopStreamEncryption',
  input: structure({
    StreamName: StreamName,
    EncryptionType: required(EncryptionType),
    KeyId: required(KeyId),
    StreamARN: StreamArn,
    StreamId: StreamId,
  }),
  faults: ['InvalidArgumentException', 'LimitExceededException', 'ResourceInUseException', 'ResourceNotFoundException'],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    await changeExistingStream(reference, deps, (stream) => {
      requireActive(stream, reference);
      if (stream.keyId === null) {
        return undefined;
      }
      const { encryptionChangesPerDay } = deps.limits;
      return {
        ...updating({ kind: 'UPDATE', changes: { keyId: null } }, deps),
        calledMs: countDailyCall(stream, 'StopStreamEncryption', encryptionChangesPerDay, reference, deps),
      };
    });
  },
});
