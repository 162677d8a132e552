import { invalidArgument } from '../../faults.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireUsable } from '../../resources/change-stream.ts';
import { operationWithoutOutput } from '../operation.ts';
import { checkRetention, retentionInput } from './retention-checks.ts';

/**
 * Shortens a stream's retention period. Older records are hidden at once.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DecreaseStreamRetentionPeriod.html
 */
export const decreaseStreamRetentionPeriod = operationWithoutOutput({
  name: 'DecreaseStreamRetentionPeriod',
  input: retentionInput,
  faults: ['ResourceInUseException', 'ResourceNotFoundException', 'LimitExceededException', 'InvalidArgumentException'],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const { RetentionPeriodHours: hours } = input;
    await changeExistingStream(reference, deps, (stream) => {
      requireUsable(stream, reference);
      checkRetention(hours, deps.limits);
      if (hours > stream.retentionHours) {
        throw invalidArgument(
          `Requested retention period (${hours} hours) for stream ${stream.name} can not be longer than ` +
            `existing retention period (${stream.retentionHours} hours). Use IncreaseRetentionPeriod API.`,
        );
      }
      return hours === stream.retentionHours ? undefined : { retentionHours: hours };
    });
  },
});
