import type { Deps } from '../../deps.ts';
import { invalidArgument } from '../../faults.ts';
import { SETTINGS_SETTLED_MS } from '../../log/protocol.ts';
import { horizonMs, type Stream } from '../../model/stream.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireUsable } from '../../resources/change-stream.ts';
import { newRun } from '../../resources/workflow-runs.ts';
import type { StreamChanges } from '../../store/stream-item.ts';
import { operationWithoutOutput } from '../operation.ts';
import { checkRetention, retentionInput } from './retention-checks.ts';

/**
 * Lengthens a stream's retention period, also for records that are already stored.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html
 */
export const increaseStreamRetentionPeriod = operationWithoutOutput({
  name: 'IncreaseStreamRetentionPeriod',
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
      if (hours < stream.retentionHours) {
        throw invalidArgument(
          `Requested retention period (${hours} hours) for stream ${stream.name} can not be shorter than ` +
            `existing retention period (${stream.retentionHours} hours). Use DecreaseRetentionPeriod API.`,
        );
      }
      return hours === stream.retentionHours ? undefined : increased(stream, hours, deps);
    });
  },
});

/** Expired records stay expired: DynamoDB may already be removing them. A run moves the expiry of all others. */
function increased(stream: Stream, retentionHours: number, deps: Deps): StreamChanges {
  const trimmedMs = horizonMs(stream, deps.now());
  // Until then a writer may still store the old expiry.
  const run = newRun(deps, SETTINGS_SETTLED_MS);
  const { expiryRewrite } = stream;
  return {
    retentionHours,
    trimmedMs,
    expiryRewrite: expiryRewrite === undefined ? run : { ...expiryRewrite, againMs: run.notBeforeMs },
  };
}
