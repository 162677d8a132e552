import { invalidArgument } from '../faults.ts';
import { ACK_DEADLINE_MS } from '../log/protocol.ts';
import { CATALOG_FRESH_MS } from '../store/stream-catalog.ts';
import { addressedStream } from './addressed-stream.ts';
import { changeExistingStream, requireThere } from './change-stream.ts';
import { operationWithoutOutput } from './operation.ts';
import { checkRetention, retentionInput } from './retention-checks.ts';
import { newRun } from './transition.ts';

/** From then on no writer stores the old expiry any more: the rewrite finds everything that has it. */
const REWRITE_AFTER_MS = CATALOG_FRESH_MS + ACK_DEADLINE_MS;

/**
 * Keeps a stream's records for longer, those that are stored already too.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html
 */
export const increaseStreamRetentionPeriod = operationWithoutOutput({
  name: 'IncreaseStreamRetentionPeriod',
  input: retentionInput,
  faults: ['ResourceInUseException', 'ResourceNotFoundException', 'LimitExceededException', 'InvalidArgumentException'],
  rate: { callsPerSecond: 5, per: 'account' },
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const { RetentionPeriodHours: hours } = input;
    await changeExistingStream(reference, deps, (stream) => {
      requireThere(stream, reference);
      checkRetention(hours, deps.limits);
      if (hours < stream.retentionHours) {
        throw invalidArgument(
          `Requested retention period (${hours} hours) for stream ${stream.name} can not be shorter than ` +
            `existing retention period (${stream.retentionHours} hours). Use DecreaseRetentionPeriod API.`,
        );
      }
      return hours === stream.retentionHours
        ? undefined
        : { retentionHours: hours, expiryRewrite: newRun(deps, REWRITE_AFTER_MS) };
    });
  },
});
