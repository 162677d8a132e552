import { shardId } from '../model/shard.ts';

/**
 * The two tables, and every kind of item in them. Docs: docs/log.md#layout. Words: docs/glossary.md.
 *
 * streams table (`pk` and `sk` are strings)
 *
 * | item    | pk                           | sk           | life                                            |
 * |---------|------------------------------|--------------|-------------------------------------------------|
 * | stream  | `STREAM`                     | stream name  | until deleted; changed by conditional updates   |
 * | shard   | `SHARD#<stream id>`          | shard id     | with its stream; changed when it opens or closes |
 * | tail    | `TAIL#<stream id>#<shard id>` | `TAIL`       | with its stream; changed by every reservation    |
 * | consumer | `CONSUMER#<stream id>`      | consumer name | with its stream, or removed by a later registration |
 * | stream resource | `RESOURCE#<stream id>` | `STREAM`    | tags and policy: with their stream              |
 * | token key | `ACCOUNT`                  | `SEAL_KEY`   | for ever; written once                          |
 * | account settings | `ACCOUNT`           | `SETTINGS`   | for ever                                        |
 * | tables  | `ACCOUNT`                    | `TABLES`     | for ever; written when tables are adopted       |
 *
 * records table (`pk` is a string, `sk` a number, `ttl` expires)
 *
 * | item  | pk                                | sk       | life                                      |
 * |-------|-----------------------------------|----------|-------------------------------------------|
 * | batch | `<stream id>#<shard id>`          | position | written once; expires after its retention |
 * | chunk | `<stream id>#<shard id>#<writer>` | number   | expires after the batch with its writer   |
 * | subscription | `SUBSCRIPTION#<stream id>#<consumer>:<created>` | shard index | expires some time after it began |
 */

/** The key attributes of both tables, and the attribute by which items of the records table expire. */
export const PARTITION_KEY = 'pk';
export const SORT_KEY = 'sk';
export const TTL_ATTRIBUTE = 'ttl';

/** A shard of one stream. A stream that is created again under the same name has another `streamId`. */
export interface ShardReference {
  readonly streamId: string;
  readonly shardIndex: number;
}

export const STREAM_PARTITION = 'STREAM';

export const streamKey = (streamName: string) => ({ pk: STREAM_PARTITION, sk: streamName });

export const shardPartition = (streamId: string): string => `SHARD#${streamId}`;

export const shardKey = ({ streamId, shardIndex }: ShardReference) => ({
  pk: shardPartition(streamId),
  sk: shardId(shardIndex),
});

/** Each tail has a partition of its own, so that the shards of a stream never share one partition's write capacity. */
export const tailKey = ({ streamId, shardIndex }: ShardReference) => ({
  pk: `TAIL#${streamId}#${shardId(shardIndex)}`,
  sk: 'TAIL',
});

export const consumerPartition = (streamId: string): string => `CONSUMER#${streamId}`;

export const consumerKey = (streamId: string, name: string) => ({ pk: consumerPartition(streamId), sk: name });

/** Each stream has a partition of its own for this item. The item may be large, and is read seldom. */
export const streamResourceKey = (streamId: string) => ({ pk: `RESOURCE#${streamId}`, sk: 'STREAM' });

export const tokenKeyKey = { pk: 'ACCOUNT', sk: 'SEAL_KEY' };

export const tablesKey = { pk: 'ACCOUNT', sk: 'TABLES' };

export const accountSettingsKey = { pk: 'ACCOUNT', sk: 'SETTINGS' };

export const batchPartition = ({ streamId, shardIndex }: ShardReference): string =>
  `${streamId}#${shardId(shardIndex)}`;

/** The prefix of the partition keys of a stream's batches and chunks. */
export const streamRecordsPrefix = (streamId: string): string => `${streamId}#`;

/** A subscription is in the records table, because it expires by itself. */
export const subscriptionKey = (of: {
  readonly streamId: string;
  readonly consumerName: string;
  readonly consumerCreatedSeconds: number;
  readonly shardIndex: number;
}) => ({ pk: `SUBSCRIPTION#${of.streamId}#${of.consumerName}:${of.consumerCreatedSeconds}`, sk: of.shardIndex });

export const chunkPartition = (shard: ShardReference, writer: string): string => `${batchPartition(shard)}#${writer}`;
