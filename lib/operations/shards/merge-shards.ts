import { invalidArgument } from '../../faults.ts';
import { areAdjacent } from '../../model/reshard.ts';
import { shardId } from '../../model/shard.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedShard, addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireActive, updating } from '../../resources/change-stream.ts';
import { ShardId, StreamArn, StreamId, StreamName } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';
import { requireProvisioned, reshardableShards } from './reshardable.ts';

/** Joins two adjacent shards into one. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MergeShards.html */
export const mergeShards = operationWithoutOutput({
  name: 'MergeShards',
  input: structure({
    ShardToMerge: required(ShardId),
    AdjacentShardToMerge: required(ShardId),
    StreamName: StreamName,
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
    const shardIndex = addressedShard(input.ShardToMerge, reference);
    const adjacentIndex = addressedShard(input.AdjacentShardToMerge, reference);
    await changeExistingStream(reference, deps, async (stream) => {
      requireProvisioned(stream, reference);
      requireActive(stream, reference);
      const [lower, upper] = await reshardableShards([shardIndex, adjacentIndex], stream, reference, deps);
      if (!areAdjacent(lower, upper)) {
        throw invalidArgument(
          `Shards ${shardId(shardIndex)} and ${shardId(adjacentIndex)} in stream ${reference.streamName} under account ` +
            `${reference.accountId} are not an adjacent pair of shards eligible for merging`,
        );
      }
      return updating({ kind: 'MERGE', shardIndex, adjacentIndex }, deps);
    });
  },
});
