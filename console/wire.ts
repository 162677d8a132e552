/** What goes between the console's process and its page. Both sides know these shapes, and nothing else of each other. */

/** Sequence number, partition key, arrival in epoch ms, data in base64. */
export type WireRecord = readonly [sequenceNumber: string, partitionKey: string, arrivedMs: number, data: string];

/** One line of a tail. */
export type TailLine =
  /** What is read, and what that costs; said again when shards are split or merged. */
  | { readonly type: 'begun'; readonly shards: number; readonly cost: string | undefined }
  | { readonly type: 'records'; readonly shard: string; readonly records: readonly WireRecord[] }
  /** Everything that had arrived is read, or every shard is at its end. */
  | { readonly type: 'ended' }
  | { readonly type: 'failed'; readonly message: string };

/** One line of a watched subscription. */
export type WatchLine =
  | { readonly type: 'begun' }
  | {
      readonly type: 'event';
      readonly records: number;
      readonly bytes: number;
      readonly behindMs: number;
      readonly continuation: string | undefined;
      readonly children: readonly string[];
    }
  | { readonly type: 'ended' }
  | { readonly type: 'failed'; readonly message: string };

/** What the page is shown of. */
export interface About {
  readonly endpoint: string;
  /** URL, for snippets. Undefined: Kinesis itself. */
  readonly url: string | undefined;
  readonly region: string;
  /** What a local server has besides. Empty: the region is fixed. */
  readonly regions: readonly string[];
  readonly kind: 'aws' | 'local' | 'deployed';
  readonly profile: string | undefined;
  readonly readOnly: boolean;
  /** What a registered consumer costs, and a watched subscription, if anything. */
  readonly consumerCosts: { readonly register?: string; readonly watch?: string };
  readonly version: string;
}

/** Counters of one second, or of several. */
export interface TrafficSecond {
  /** Epoch s. */
  readonly at: number;
  readonly recordsIn: number;
  readonly bytesIn: number;
  readonly recordsOut: number;
  readonly bytesOut: number;
  /** Calls or records that were refused for a limit. */
  readonly throttled: number;
  readonly calls: number;
  /** Of all calls together, ms. */
  readonly latencyMs: number;
  readonly maxLatencyMs: number;
  /** How far the slowest reader was behind, ms. Undefined: nobody read. */
  readonly behindMs?: number | undefined;
  readonly dynamodbCalls: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** A second in which nothing has happened yet. @param at epoch s */
export const newSecond = (at: number): TrafficSecond => ({
  at,
  recordsIn: 0,
  bytesIn: 0,
  recordsOut: 0,
  bytesOut: 0,
  throttled: 0,
  calls: 0,
  latencyMs: 0,
  maxLatencyMs: 0,
  dynamodbCalls: 0,
  readUnits: 0,
  writeUnits: 0,
});

/** What one shard got and gave in the last minute. */
export interface ShardTraffic {
  readonly shard: string;
  readonly recordsIn: number;
  readonly bytesIn: number;
  readonly recordsOut: number;
  readonly readers: readonly ShardReader[];
}

/** Who has read a shard, and how far behind the last read was. */
export interface ShardReader {
  /** The name of a registered consumer. Undefined: those who poll, of whom nothing else is known. */
  readonly consumer?: string | undefined;
  readonly behindMs: number;
  /** Epoch ms. */
  readonly at: number;
}

/** What a stream has seen. Without a name: all streams together. */
export interface Traffic {
  /** `process`: counted by a local server. `cloudwatch`: the metrics of a deployment or of Kinesis. `none`: neither is there. */
  readonly source: 'process' | 'cloudwatch' | 'none';
  /** Why there are none, or what is to be known of them. */
  readonly note?: string | undefined;
  /** Seconds that one entry covers. */
  readonly period: number;
  readonly seconds: readonly TrafficSecond[];
  readonly shards: readonly ShardTraffic[];
  /** What a month at the rate of the last minute costs for DynamoDB, USD; undefined: unknown. */
  readonly dollarsAMonth?: number | undefined;
}

/** The records a second and throttles of streams, for a list. */
export interface StreamRates {
  readonly source: Traffic['source'];
  readonly streams: Readonly<Record<string, { readonly recordsIn: readonly number[]; readonly throttled: number }>>;
}
