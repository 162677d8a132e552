import { blob, integer, list, map, required, string, structure, timestamp } from './structure.ts';

/** Members that several operations share. Source: the published API model, version 2013-12-02. */

export const StreamName = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });

/**
 * A pattern with two `.*` in a row takes quadratic time to fail. These linear patterns match the same texts. It is
 * enough to try the first `:kinesis:`, the first account and the last `stream/`: no other one would match where these
 * do not. The regular expression engine does not try again what a lookahead has captured.
 */
const FIRST_KINESIS = '(?=(.*?:kinesis:))\\1';
const FIRST_ACCOUNT = '(?=(.*?:\\d{12}:))\\2';

export const StreamArn = string({
  min: 1,
  max: 2048,
  pattern: 'arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+',
  linearPattern: `arn:aws${FIRST_KINESIS}(?=(.*:\\d{12}:stream/(?=.)))\\2\\S+`,
});

/** Reserved by the API. It is checked and otherwise ignored. No response contains it. */
export const StreamId = string({ min: 1, max: 24, pattern: '[a-z0-9]{20}-[a-z0-9]{3}' });

export const ShardId = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });

export const HashKey = string({ pattern: '0|([1-9]\\d{0,38})' });

export const SequenceNumber = string({ pattern: '0|([1-9]\\d{0,128})' });

export const PartitionKey = string({ min: 1, max: 256 });

export const Data = blob({ min: 0, max: 10_485_760, sensitive: true });

export const ShardIterator = string({ min: 1, max: 512 });

export const NextToken = string({ min: 1, max: 1_048_576 });

/** The real service prints the set in this order (observed by kinesalite's tests). */
export const ShardIteratorType = string({
  enum: ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'],
});

export const EncryptionType = string({ enum: ['NONE', 'KMS'] });

export const KeyId = string({ min: 1, max: 2048 });

/** A stream's or a consumer's ARN. */
export const ResourceArn = string({
  min: 1,
  max: 2048,
  pattern: 'arn:aws.*:kinesis:.*:\\d{12}:.*stream/\\S+',
  linearPattern: `arn:aws${FIRST_KINESIS}${FIRST_ACCOUNT}(?=(.*stream/(?=.)))\\3\\S+`,
});

export const ConsumerName = string({ min: 1, max: 128, pattern: '[a-zA-Z0-9_.-]+' });

export const ConsumerArn = string({
  min: 1,
  max: 2048,
  pattern: '^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+',
  linearPattern: `arn:aws${FIRST_KINESIS}${FIRST_ACCOUNT}.*stream/[a-zA-Z0-9_.-]+/consumer/[a-zA-Z0-9_.-]+:[0-9]+`,
});

export const ConsumerStatusName = string({ enum: ['CREATING', 'DELETING', 'ACTIVE'] });

export const TagKey = string({ min: 1, max: 128 });

export const TagKeys = list(TagKey, { min: 1, max: 50 });

export const Tag = structure({ Key: required(TagKey), Value: string({ min: 0, max: 256 }) });

export const StreamStatus = string({ enum: ['CREATING', 'DELETING', 'ACTIVE', 'UPDATING'] });

export const StreamModeDetails = structure({
  StreamMode: required(string({ enum: ['PROVISIONED', 'ON_DEMAND'] })),
});

export const Tags = map({ min: 1, max: 200, key: TagKey, value: string({ min: 0, max: 256 }) });

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

/** All shard-level metrics. */
export const SHARD_LEVEL_METRICS = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
] as const;

/** In requests, `ALL` means all of them. */
export const ShardLevelMetrics = list(string({ enum: [...SHARD_LEVEL_METRICS, 'ALL'] }), { min: 1, max: 7 });

export const EnhancedMetrics = structure({ ShardLevelMetrics: ShardLevelMetrics });

export const WarmThroughput = structure({ TargetMiBps: integer({}), CurrentMiBps: integer({}) });

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
  KeyId: KeyId,
} as const;
