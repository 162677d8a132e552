/**
 * Everything that Kinesis fixes, by name, and the log protocol's own times.
 * Source of the values: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
 */
export interface Limits {
  /** Records and bytes (data + partition keys) that a shard accepts in a second. */
  readonly shardRecordsPerSecond: number;
  readonly shardBytesPerSecond: number;
  /** Whether the per-second limits are enforced. Structural limits always are. */
  readonly throttling: boolean;

  /** Bytes of data + partition keys in one PutRecords. */
  readonly putRecordsBytes: number;
  /** A new stream's greatest record (data + partition key), KiB. */
  readonly maxRecordKiB: number;
  /** Bytes of data + partition keys in one GetRecords response. */
  readonly getRecordsBytes: number;
  /** Records in one GetRecords response. */
  readonly getRecordsCount: number;
  /** Bytes of a GetRecords response in a function's result, escaped or in base64. */
  readonly answerBytes: number;

  /** Open shards of an account. */
  readonly accountShards: number;
  readonly accountOnDemandStreams: number;
  /** Streams of an account that may be CREATING or DELETING at once. */
  readonly streamsInTransition: number;
  /** Shards that an on-demand stream starts with. */
  readonly onDemandShards: number;
  /** Shards that an on-demand stream scales to by itself at most. */
  readonly onDemandMaxShards: number;
  readonly tagsPerStream: number;
  /** The least retention period, and that of new streams. */
  readonly retentionHours: number;
  readonly maxRetentionHours: number;
  readonly consumersPerStream: number;
  /** The same while the account has its billing commitment. */
  readonly consumersPerStreamCommitted: number;
  /** Consumers of a stream that may be CREATING at once. */
  readonly consumersCreating: number;
  /** The most shards that UpdateShardCount works with. */
  readonly updateShardCountTarget: number;

  /** Calls in 24 hours for one stream. */
  readonly updateShardCountPerDay: number;
  readonly updateStreamModePerDay: number;
  readonly encryptionChangesPerDay: number;

  /** GetRecords calls, and as many GetShardIterator calls, that a shard accepts in a second. */
  readonly shardReadsPerSecond: number;
  /** Bytes of data and partition keys that a shard gives in a second. */
  readonly shardReadBytesPerSecond: number;

  /** How long a subscription to a shard lasts, and for how long it cannot be taken over, ms. */
  readonly subscriptionMs: number;
  readonly subscriptionGraceMs: number;
  /** Bytes of frames after which a subscription ends before its time. */
  readonly subscriptionBytes: number;
  /** SubscribeToShard calls of one consumer to one shard in a second. */
  readonly subscriptionsPerSecond: number;
  /** Shards that one consumer may be subscribed to at once. */
  readonly subscriptionsPerConsumer: number;

  /** Bytes of a request's body. */
  readonly bodyBytes: number;
  /** How far the time of a signature may be from now, ms. */
  readonly signatureWindowMs: number;
  /** How long an iterator is good for, ms. */
  readonly iteratorLifeMs: number;
  /** How long a pagination token is good for, ms. */
  readonly tokenLifeMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** Kinesis' values. */
/**
 * Between what values limits may be changed. The log relies on these: a chain must be done with long before the first of its batches
 * can expire (docs/log.md#expiry), and a batch must not become larger than a reader will unpack.
 */
export const LIMIT_BOUNDS: Readonly<Partial<Record<keyof Limits, { readonly min?: number; readonly max?: number }>>> = {
  retentionHours: { min: 24 },
  maxRetentionHours: { min: 24 },
  putRecordsBytes: { max: 10 * MIB },
  maxRecordKiB: { max: 10 * KIB },
};

export const kinesisLimits: Limits = {
  shardRecordsPerSecond: 1000,
  shardBytesPerSecond: MIB,
  throttling: true,
  putRecordsBytes: 10 * MIB,
  maxRecordKiB: KIB,
  getRecordsBytes: 10 * MIB,
  getRecordsCount: 10_000,
  // Kinesis knows no such limit; where the front door has one, it is set.
  answerBytes: Number.MAX_SAFE_INTEGER,
  accountShards: 20_000,
  accountOnDemandStreams: 50,
  streamsInTransition: 5,
  onDemandShards: 4,
  onDemandMaxShards: 200,
  tagsPerStream: 50,
  retentionHours: 24,
  maxRetentionHours: 8_760,
  consumersPerStream: 20,
  consumersPerStreamCommitted: 50,
  consumersCreating: 5,
  updateShardCountTarget: 10_000,
  updateShardCountPerDay: 10,
  updateStreamModePerDay: 2,
  encryptionChangesPerDay: 25,
  shardReadsPerSecond: 5,
  shardReadBytesPerSecond: 2 * MIB,
  subscriptionMs: 300_000,
  subscriptionGraceMs: 5_000,
  // As for responses.
  subscriptionBytes: Number.MAX_SAFE_INTEGER,
  subscriptionsPerSecond: 1,
  // As for responses: each one occupies an execution of a function.
  subscriptionsPerConsumer: Number.MAX_SAFE_INTEGER,
  // 10 MiB of records are 13.98 MB as base64: the cap has to leave room for the JSON around them.
  bodyBytes: 16 * MIB,
  signatureWindowMs: 300_000,
  iteratorLifeMs: 300_000,
  tokenLifeMs: 300_000,
};

/** Bodies up to here are left as they are: an item below 1 KB costs one write unit whatever its size. */
export const WORTH_COMPRESSING_BYTES = 700;
