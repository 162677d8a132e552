import { GetRecordsCommand, GetShardIteratorCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import { inParallel } from '../parallel.ts';
import { listShards } from './shard-map.ts';

/** What a stream receives, as far as a few of its shards tell. */
export interface Rate {
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** The time that is looked back on, ms. */
const WINDOW_MS = 10_000;

/** The shards of a stream that are read. The others are taken to be like them. */
const SAMPLED_SHARDS = 4;

/** Reads what arrived in the last ten seconds, one page of a few open shards. */
export async function measureRate(client: KinesisClient, StreamName: string): Promise<Rate> {
  const open = (await listShards(client, StreamName)).filter(({ isClosed }) => !isClosed);
  const sampled = open.slice(0, SAMPLED_SHARDS);
  const Timestamp = new Date(Date.now() - WINDOW_MS);
  const measured = await inParallel(sampled, async ({ id: ShardId }) => {
    const start = { StreamName, ShardId, ShardIteratorType: 'AT_TIMESTAMP', Timestamp } as const;
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(start));
    const { Records = [], MillisBehindLatest = 0 } = await client.send(new GetRecordsCommand({ ShardIterator }));
    const bytes = Records.reduce(
      (sum, { Data, PartitionKey = '' }) => sum + (Data?.length ?? 0) + PartitionKey.length,
      0,
    );
    // A page that does not reach the tip covers a shorter time.
    const seconds = Math.max(1, WINDOW_MS - MillisBehindLatest) / 1_000;
    return { records: Records.length / seconds, bytes: bytes / seconds };
  });
  const share = sampled.length === 0 ? 0 : open.length / sampled.length;
  const total = (of: (one: { records: number; bytes: number }) => number) =>
    share * measured.reduce((sum, one) => sum + of(one), 0);
  return { recordsPerSecond: total(({ records }) => records), bytesPerSecond: total(({ bytes }) => bytes) };
}
