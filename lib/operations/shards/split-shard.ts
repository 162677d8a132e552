import { invalidArgument } from '../../faults.ts';
import { canSplitAt } from '../../model/reshard.ts';
import { shardId } from '../../model/shard.ts';
import { checkShardLimit, countAccount } from '../../quotas/account-counts.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedShard, addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireActive, updating } from '../../resources/change-stream.ts';
import { HashKey, ShardId, StreamArn, StreamId, StreamName } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';
import { requireProvisioned, reshardableShards } from './reshardable.ts';

/** Splits a shard into two. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SplitShard.html */
export const splitShard = operationWithoutOutput({
  name: 'SplitShard',
  input: structure({
    NewStartingHashKey: required(HashKey),
    StreamName: StreamName,
    ShardToSplit: required(ShardId),
    StreamARN: StreamArn,
    StreamId: StreamId,
  }),
  faults: [
    'ResourceNotFoundException',
    'ResourceInUseException',
    'InvalidArgumentException',
    'LimitExceededException',
    'ValidationException',
  ],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const shardIndex = addressedShard(input.ShardToSplit, reference);
    await changeExistingStream(reference, deps, async (stream) => {
      requireProvisioned(stream, reference);
      requireActive(stream, reference);
      const [shard] = await reshardableShards([shardIndex], stream, reference, deps);
      checkShardLimit(await countAccount(deps), 1, deps);
      const { NewStartingHashKey: key } = input;
      const { start, end } = shard.hashKeyRange;
      if (!canSplitAt(shard.hashKeyRange, BigInt(key))) {
        throw invalidArgument(
          `NewStartingHashKey ${key} used in SplitShard() on shard ${shardId(shardIndex)} in stream ` +
            `${reference.streamName} under account ${reference.accountId} is not both greater than one plus the ` +
            `shard's StartingHashKey ${start} and less than the shard's EndingHashKey ${end}.`,
        );
      }
      return updating({ kind: 'SPLIT', splits: [{ shardIndex, newStartingHashKey: key }] }, deps);
    });
  },
});
