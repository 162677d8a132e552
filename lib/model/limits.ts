/**
 * All limits of Kinesis, by name, and a few that only some front doors have.
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
  /** The largest record of a new stream (data + partition key), KiB. */
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
  /** The most shards that an on-demand stream scales to by itself. */
  readonly onDemandMaxShards: number;
  readonly tagsPerStream: number;
  /** The minimum retention period, which new streams have. */
  readonly retentionHours: number;
  readonly maxRetentionHours: number;
  readonly consumersPerStream: number;
  /** The same limit while the account has its billing commitment. */
  readonly consumersPerStreamCommitted: number;
  /** Consumers of a stream that may be CREATING at once. */
  readonly consumersCreating: number;
  /** The most shards that UpdateShardCount accepts. */
  readonly updateShardCountTarget: number;

  /** Calls in 24 hours for one stream. */
  readonly updateShardCountPerDay: number;
  readonly updateStreamModePerDay: number;
  readonly encryptionChangesPerDay: number;

  /** GetRecords calls that a shard accepts in a second. The same number of GetShardIterator calls is accepted. */
  readonly shardReadsPerSecond: number;
  /** Bytes of data and partition keys that a shard returns in a second. */
  readonly shardReadBytesPerSecond: number;

  /** How long a subscription to a shard lasts, and for how long no other subscriber can replace it, ms. */
  readonly subscriptionMs: number;
  readonly subscriptionGraceMs: number;
  /** A subscription ends early after so many bytes of frames. */
  readonly subscriptionBytes: number;
  /** SubscribeToShard calls of one consumer to one shard in a second. */
  readonly subscriptionsPerSecond: number;
  /** Shards that one consumer may be subscribed to at once. */
  readonly subscriptionsPerConsumer: number;

  /** Bytes of a request's body. */
  readonly bodyBytes: number;
  /** How far the time of a signature may be from now, ms. */
  readonly signatureWindowMs: number;
  /** How long an iterator is valid, ms. */
  readonly iteratorLifeMs: number;
  /** How long a pagination token is valid, ms. */
  readonly tokenLifeMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * The values that the configuration may give to limits. The log relies on these bounds: a chain must have ended long
 * before the first of its batches can expire (docs/log.md#expiry), and a batch must not be larger than a reader will
 * unpack.
 */
export const LIMIT_BOUNDS: Readonly<Partial<Record<keyof Limits, { readonly min?: number; readonly max?: number }>>> = {
  retentionHours: { min: 24 },
  maxRetentionHours: { min: 24 },
  putRecordsBytes: { max: 10 * MIB },
  maxRecordKiB: { max: 10 * KIB },
};

/** Kinesis' values. */
export const kinesisLimits: Limits = {
  shardRecordsPerSecond: 1000,
  shardBytesPerSecond: MIB,
  throttling: true,
  putRecordsBytes: 10 * MIB,
  maxRecordKiB: KIB,
  getRecordsBytes: 10 * MIB,
  getRecordsCount: 10_000,
  // Kinesis has no such limit. It is set where the front door has one.
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
  // The same as for answerBytes.
  subscriptionBytes: Number.MAX_SAFE_INTEGER,
  subscriptionsPerSecond: 1,
  // The same: in Lambda, each subscription occupies an execution of a function.
  subscriptionsPerConsumer: Number.MAX_SAFE_INTEGER,
  // 10 MiB of records are 13.98 MB as base64. The limit must leave room for the JSON around them.
  bodyBytes: 16 * MIB,
  signatureWindowMs: 300_000,
  iteratorLifeMs: 300_000,
  tokenLifeMs: 300_000,
};

/** The bytes of a body that fit into one item, next to its header and keys. DynamoDB's limit is 400 KB. */
export const MAX_ITEM_BODY_BYTES = 390_000;

/** By default, smaller bodies are not compressed: an item below 1 KB costs one write unit, whatever its size. */
export const WORTH_COMPRESSING_BYTES = 700;
