import type { Deps } from '../../deps.ts';
import { KinesisFault } from '../../faults.ts';
import type { Stream, StreamMode } from '../../model/stream.ts';
import { checkOnDemandLimit, countAccount } from '../../quotas/account-counts.ts';
import { countDailyCall } from '../../quotas/daily-calls.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireActive, updating } from '../../resources/change-stream.ts';
import { nextScaleDownMs } from '../../resources/scale-down.ts';
import { StreamArn, StreamId, StreamModeDetails } from '../../schema/shapes.ts';
import { integer, required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';
import { checkWarmThroughput } from './warm-throughput.ts';

/**
 * Changes a stream between provisioned and on-demand mode. Its shards stay.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamMode.html
 */
export const updateStreamMode = operationWithoutOutput({
  name: 'UpdateStreamMode',
  input: structure({
    StreamARN: required(StreamArn),
    StreamId: StreamId,
    StreamModeDetails: required(StreamModeDetails),
    WarmThroughputMiBps: integer({ min: 0 }),
  }),
  faults: [
    'InvalidArgumentException',
    'LimitExceededException',
    'ResourceInUseException',
    'ResourceNotFoundException',
    'ValidationException',
  ],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const mode = input.StreamModeDetails.StreamMode;
    await changeExistingStream(reference, deps, async (stream) => {
      requireActive(stream, reference);
      if (stream.mode === mode) {
        // Tools set the mode on every run. This changes nothing.
        return undefined;
      }
      const warm = await warmThroughput(input.WarmThroughputMiBps, mode, deps);
      if (mode === 'ON_DEMAND') {
        checkOnDemandLimit(await countAccount(deps), deps);
      }
      const { updateStreamModePerDay } = deps.limits;
      return {
        ...updating({ kind: 'UPDATE', changes: { mode, warmMiBps: warm } }, deps),
        warmTargetMiBps: warm,
        // A provisioned stream has not marked its busy shards: a day has to pass.
        scaleDownMs: mode === 'ON_DEMAND' ? nextScaleDownMs(deps.now()) : undefined,
        calledMs: countDailyCall(stream, 'UpdateStreamMode', updateStreamModePerDay, reference, deps),
      };
    });
  },
});

async function warmThroughput(asked: number | undefined, mode: StreamMode, deps: Deps): Promise<Stream['warmMiBps']> {
  if (asked === undefined) {
    return null;
  }
  if (mode !== 'ON_DEMAND') {
    throw new KinesisFault('ValidationException', 'Request is invalid. WarmThroughputMiBps needs On-Demand mode.');
  }
  await checkWarmThroughput(asked, deps);
  return asked;
}
