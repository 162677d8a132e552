import { blob, integer, list, map, required, string, structure, timestamp } from './structure.ts';

/** Members that several operations share. Source: the published API model, version 2013-12-02. */

export const StreamName = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });

export const StreamArn = string({ min: 1, max: 2048, pattern: 'arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+' });

/** Reserved by the API: checked, otherwise ignored, never answered. */
export const StreamId = string({ min: 1, max: 24, pattern: '[a-z0-9]{20}-[a-z0-9]{3}' });

export const ShardId = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });

export const HashKey = string({ pattern: '0|([1-9]\\d{0,38})' });

export const SequenceNumber = string({ pattern: '0|([1-9]\\d{0,128})' });

export const PartitionKey = string({ min: 1, max: 256 });

export const Data = blob({ min: 0, max: 10_485_760, sensitive: true });

export const ShardIterator = string({ min: 1, max: 512 });

export const NextToken = string({ min: 1, max: 1_048_576 });

/** The set is printed in this order by the real service (observed by kinesalite's tests). */
export const ShardIteratorType = string({
  enum: ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'],
});

export const EncryptionType = string({ enum: ['NONE', 'KMS'] });

export const StreamStatus = string({ enum: ['CREATING', 'DELETING', 'ACTIVE', 'UPDATING'] });

export const StreamModeDetails = structure({
  StreamMode: required(string({ enum: ['PROVISIONED', 'ON_DEMAND'] })),
});

export const Tags = map({ min: 1, max: 200, key: string({ min: 1, max: 128 }), value: string({ min: 0, max: 256 }) });

export const HashKeyRange = structure({
  StartingHashKey: required(HashKey),
  EndingHashKey: required(HashKey),
});

export const Shard = structure({
  ShardId: required(ShardId),
  ParentShardId: ShardId,
  AdjacentParentShardId: ShardId,
  HashKeyRange: required(HashKeyRange),
  SequenceNumberRange: required(
    structure({
      StartingSequenceNumber: required(SequenceNumber),
      EndingSequenceNumber: SequenceNumber,
    }),
  ),
});

export const ChildShard = structure({
  ShardId: required(ShardId),
  ParentShards: required(list(ShardId)),
  HashKeyRange: required(HashKeyRange),
});

export const EnhancedMetrics = structure({
  ShardLevelMetrics: list(
    string({
      enum: [
        'IncomingBytes',
        'IncomingRecords',
        'OutgoingBytes',
        'OutgoingRecords',
        'WriteProvisionedThroughputExceeded',
        'ReadProvisionedThroughputExceeded',
        'IteratorAgeMilliseconds',
        'ALL',
      ],
    }),
  ),
});

/** The members that StreamDescription and StreamDescriptionSummary have in common. */
export const streamDescriptionMembers = {
  StreamName: required(StreamName),
  StreamARN: required(StreamArn),
  StreamStatus: required(StreamStatus),
  StreamModeDetails: StreamModeDetails,
  RetentionPeriodHours: required(integer({})),
  StreamCreationTimestamp: required(timestamp),
  EnhancedMonitoring: required(list(EnhancedMetrics)),
  EncryptionType: EncryptionType,
} as const;
