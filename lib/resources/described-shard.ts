import { endingSequenceNumber, startingSequenceNumber } from '../model/sequence-number.ts';
import { type Shard, shardId } from '../model/shard.ts';

/** A shard as DescribeStream and ListShards show it. */
export function describedShard(shard: Shard) {
  const { createdSeconds, closedSeconds, index, hashKeyRange, parentIndex, adjacentParentIndex } = shard;
  return {
    ShardId: shardId(index),
    ...(parentIndex !== undefined && { ParentShardId: shardId(parentIndex) }),
    ...(adjacentParentIndex !== undefined && { AdjacentParentShardId: shardId(adjacentParentIndex) }),
    HashKeyRange: {
      StartingHashKey: hashKeyRange.start.toString(),
      EndingHashKey: hashKeyRange.end.toString(),
    },
    SequenceNumberRange: {
      StartingSequenceNumber: startingSequenceNumber(createdSeconds, index),
      ...(closedSeconds !== undefined && {
        EndingSequenceNumber: endingSequenceNumber(createdSeconds, index, closedSeconds),
      }),
    },
  };
}
