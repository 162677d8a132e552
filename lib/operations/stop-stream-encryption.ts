import { EncryptionType, KeyId, StreamArn, StreamId, StreamName } from '../schema/shapes.ts';
import { required, structure } from '../schema/structure.ts';
import { aboutStream } from './access-subject.ts';
import { addressedStream } from './addressed-stream.ts';
import { changeExistingStream, requireActive, updating } from './change-stream.ts';
import { countDailyCall } from './daily-calls.ts';
import { operationWithoutOutput } from './operation.ts';

/**
 * Ends a stream's encryption; records that were put encrypted stay marked so.
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
  about: aboutStream,
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
