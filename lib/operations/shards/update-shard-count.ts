import type { Deps } from '../../deps.ts';
import { limitExceeded } from '../../faults.ts';
import { type Stream, streamArn } from '../../model/stream.ts';
import { checkShardLimit, countAccount } from '../../quotas/account-counts.ts';
import { countDailyCall } from '../../quotas/daily-calls.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireActive, updating } from '../../resources/change-stream.ts';
import { StreamArn, StreamId, StreamName } from '../../schema/shapes.ts';
import { integer, required, string, structure } from '../../schema/structure.ts';
import { operation } from '../operation.ts';
import { requireProvisioned } from './reshardable.ts';

/**
 * Scales a stream to another number of open shards, by splits and merges.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
 */
export const updateShardCount = operation({
  name: 'UpdateShardCount',
  input: structure({
    StreamName: StreamName,
    TargetShardCount: required(integer({ min: 1 })),
    ScalingType: required(string({ enum: ['UNIFORM_SCALING'] })),
    StreamARN: StreamArn,
    StreamId: StreamId,
  }),
  output: structure({
    StreamName: StreamName,
    CurrentShardCount: integer({}),
    TargetShardCount: integer({}),
    StreamARN: StreamArn,
  }),
  faults: [
    'InvalidArgumentException',
    'LimitExceededException',
    'ResourceInUseException',
    'ResourceNotFoundException',
    'ValidationException',
  ],
  rate: { callsPerSecond: 10, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const { TargetShardCount: target } = input;
    const stream = await changeExistingStream(reference, deps, async (stream) => {
      requireProvisioned(stream, reference);
      requireActive(stream, reference);
      await checkTarget(stream, target, deps);
      const { updateShardCountPerDay } = deps.limits;
      return {
        ...updating({ kind: 'SCALE', targetShardCount: target }, deps),
        calledMs: countDailyCall(stream, 'UpdateShardCount', updateShardCountPerDay, reference, deps),
      };
    });
    return {
      StreamName: stream.name,
      CurrentShardCount: stream.openShardCount,
      TargetShardCount: target,
      StreamARN: streamArn(deps.account, stream.name),
    };
  },
});

async function checkTarget({ openShardCount: open }: Stream, target: number, deps: Deps): Promise<void> {
  const limit = deps.limits.updateShardCountTarget;
  if (target > 2 * open) {
    throw limitExceeded(
      'UpdateShardCount cannot scale up over double your current open shard count. ' +
        `Current open shard count: ${open} Target shard count: ${target}`,
    );
  }
  if (target < open / 2) {
    throw limitExceeded(
      'UpdateShardCount cannot scale down below half your current open shard count. ' +
        `Current open shard count: ${open} Target shard count: ${target}`,
    );
  }
  // A stream with more shards may only scale below that.
  if (target > limit || (open > limit && target >= limit)) {
    throw limitExceeded(
      `Target shard count or number of open shards cannot be greater than ${limit}. ` +
        `Current open shard count: ${open}, Target shard count: ${target}`,
    );
  }
  if (target > open) {
    checkShardLimit(await countAccount(deps), target - open, deps);
  }
}
