import { invalidArgument, KinesisFault } from '../../faults.ts';
import { countDailyCall } from '../../quotas/daily-calls.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireActive, updating } from '../../resources/change-stream.ts';
import { EncryptionType, KeyId, StreamArn, StreamId, StreamName } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';

/** A key's id or ARN, or an alias' name or ARN. */
const KEY_ID = /^(arn:[^:]+:kms:[^:]+:\d{12}:)?(alias\/[a-zA-Z0-9/_-]+|(key\/)?(mrk-)?[0-9a-f][0-9a-f-]{31,35})$/;

/**
 * Marks a stream, and records that are put from then on, as encrypted with a KMS key. DynamoDB encrypts the tables in any case.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html
 */
export const startStreamEncryption = operationWithoutOutput({
  name: 'StartStreamEncryption',
  input: structure({
    StreamName: StreamName,
    EncryptionType: required(EncryptionType),
    KeyId: required(KeyId),
    StreamARN: StreamArn,
    StreamId: StreamId,
  }),
  faults: [
    'InvalidArgumentException',
    'LimitExceededException',
    'ResourceInUseException',
    'ResourceNotFoundException',
    'KMSNotFoundException',
  ],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const { KeyId: keyId } = input;
    await changeExistingStream(reference, deps, (stream) => {
      requireActive(stream, reference);
      if (input.EncryptionType !== 'KMS') {
        throw invalidArgument('EncryptionType must be KMS to start encryption.');
      }
      if (!KEY_ID.test(keyId)) {
        throw new KinesisFault('KMSNotFoundException', `Invalid keyId '${keyId}'`);
      }
      const { encryptionChangesPerDay } = deps.limits;
      return {
        ...updating({ kind: 'UPDATE', changes: { keyId } }, deps),
        calledMs: countDailyCall(stream, 'StartStreamEncryption', encryptionChangesPerDay, reference, deps),
      };
    });
  },
});
