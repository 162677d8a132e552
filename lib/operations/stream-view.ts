import { endingSequenceNumber, startingSequenceNumber } from '../model/sequence-number.ts';
import { type Shard, shardId } from '../model/shard.ts';
import { type Account, type Stream, streamArn } from '../model/stream.ts';
import type { SHARD_LEVEL_METRICS } from '../schema/shapes.ts';

type MetricName = (typeof SHARD_LEVEL_METRICS)[number];

/** Whether a creation time in a request, to the second, is the stream's; it is when there is none. */
export function isCreationOf(stream: Stream, creationMs: number | undefined): boolean {
  return creationMs === undefined || Math.floor(creationMs / 1000) === Math.floor(stream.createdMs / 1000);
}

/** What StreamDescription and StreamDescriptionSummary have in common. */
export function describedStream(stream: Stream, account: Account) {
  return {
    StreamName: stream.name,
    StreamARN: streamArn(account, stream.name),
    StreamStatus: stream.status,
    StreamModeDetails: { StreamMode: stream.mode },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: stream.createdMs,
    EnhancedMonitoring: [{ ShardLevelMetrics: [...stream.shardLevelMetrics] as MetricName[] }],
    ...(stream.keyId === null
      ? { EncryptionType: 'NONE' as const }
      : { EncryptionType: 'KMS' as const, KeyId: stream.keyId }),
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
