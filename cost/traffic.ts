/** Constant traffic during the busy hours of a month. */
export interface Traffic {
  /** How many streams have this traffic. */
  readonly streams: number;
  /** Of one stream. */
  readonly recordsPerSecond: number;
  readonly recordBytes: number;
  /** Records that one put request carries: 1 for PutRecord, up to 500 for PutRecords. */
  readonly batch: number;
  /** Consumers that each poll every shard once a second. */
  readonly consumers: number;
  /** Consumers that are each subscribed to every shard (enhanced fan-out). */
  readonly subscriptions: number;
  /** Of one stream. */
  readonly shards: number;
  readonly retentionHours: number;
  /** Hours of a month with traffic and running consumers. The streams are idle in the other hours. */
  readonly busyHours: number;
}

/** USD a month, by item of the bill. */
export type Bill = Readonly<Record<string, number>>;

export const HOURS_PER_MONTH = 730;
export const KIB = 1024;
export const GB = 1e9;

export const total = (bill: Bill): number => Object.values(bill).reduce((sum, part) => sum + part, 0);

export const million = (count: number): number => count / 1e6;

/** One stream and one record a second of 200 bytes, without consumers. */
export const SMALL_STREAM: Traffic = {
  streams: 1,
  recordsPerSecond: 1,
  recordBytes: 200,
  batch: 1,
  consumers: 0,
  subscriptions: 0,
  shards: 1,
  retentionHours: 24,
  busyHours: HOURS_PER_MONTH,
};

/** Records a second that a shard accepts: 1000, and one MiB. */
export const shardRate = (recordBytes: number): number => Math.min(1_000, (KIB * KIB) / Math.max(1, recordBytes));

/** Returns how many shards Kinesis needs for a rate. */
export const shardsFor = (recordsPerSecond: number, recordBytes: number): number =>
  Math.max(1, Math.ceil(recordsPerSecond / shardRate(recordBytes)));

/** Bytes that arrive in a month, and those that are kept at its end. */
export function volume({ streams, recordsPerSecond, recordBytes, busyHours, retentionHours }: Traffic) {
  const bytes = streams * recordsPerSecond * recordBytes * busyHours * 3600;
  return { bytes, keptBytes: bytes * keptShare(busyHours, retentionHours) };
}

/** The share of what arrives in the busy hours of a month that is kept at one time. */
export const keptShare = (busyHours: number, keptHours: number): number =>
  keptHours / Math.max(busyHours, keptHours > busyHours ? HOURS_PER_MONTH : 1);
