import { endingSequenceNumber, startingSequenceNumber } from '../model/sequence-number.ts';
import { type Shard, shardId } from '../model/shard.ts';
import { type Account, type Stream, streamArn } from '../model/stream.ts';

/** What StreamDescription and StreamDescriptionSummary have in common. */
export function describedStream(stream: Stream, account: Account) {
  return {
    StreamName: stream.name,
    StreamARN: streamArn(account, stream.name),
    StreamStatus: stream.status,
    StreamModeDetails: { StreamMode: stream.mode },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: stream.createdMs,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE' as const,
  };
}

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
