import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../support/test-api.ts';

const SHARDS = 2;
const WRITERS = 32;
const PUTS_PER_WRITER = 12;
const RECORDS_PER_PUT = 3;
const TOTAL = WRITERS * PUTS_PER_WRITER * RECORDS_PER_PUT;

/** A record by its shard, its number and what it says. */
interface Seen {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly text: string;
}

const client = (api: TestApi) =>
  new KinesisClient({
    endpoint: api.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
  });

describe('32 writers on 2 shards, through two API processes on one store', () => {
  let first: TestApi;
  let second: TestApi;

  beforeAll(async () => {
    first = await TestApi.start();
    second = await TestApi.start({
      environment: { DYNAMODB_ENDPOINT: first.rivulet.environment.AWS_ENDPOINT_URL_DYNAMODB },
    });
    await first.createStream('shared', SHARDS);
  });

  afterAll(async () => {
    await second.close();
    await first.close();
  });

  it('lose nothing: two readers that tail see every acknowledged record once, in sequence order', async () => {
    const clients = [client(first), client(second)] as const;
    const acknowledged: Seen[] = [];
    const writers = Array.from({ length: WRITERS }, (_, w) => write(clients[w % 2] as KinesisClient, w, acknowledged));
    const readers = clients.map((reader) => tail(reader));

    await Promise.all(writers);
    const read = await Promise.all(readers);

    expect(acknowledged).toHaveLength(TOTAL);
    for (const seen of read) {
      expect(sorted(seen)).toEqual(sorted(acknowledged));
      for (const shardId of ['shardId-000000000000', 'shardId-000000000001']) {
        const numbers = seen.filter((s) => s.shardId === shardId).map((s) => BigInt(s.sequenceNumber));
        expect(numbers).toEqual([...numbers].sort((a, b) => (a < b ? -1 : 1)));
        expect(new Set(numbers).size).toBe(numbers.length);
      }
    }
    for (const c of clients) {
      c.destroy();
    }
  });
});

async function write(kinesis: KinesisClient, writer: number, acknowledged: Seen[]): Promise<void> {
  for (let put = 0; put < PUTS_PER_WRITER; put++) {
    const texts = Array.from({ length: RECORDS_PER_PUT }, (_, i) => `${writer}.${put}.${i}`);
    const { Records = [] } = await kinesis.send(
      new PutRecordsCommand({
        StreamName: 'shared',
        Records: texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text) })),
      }),
    );
    Records.forEach(({ ShardId = '', SequenceNumber = '' }, i) => {
      acknowledged.push({ shardId: ShardId, sequenceNumber: SequenceNumber, text: texts[i] ?? '' });
    });
  }
}

/** Tails every shard from TRIM_HORIZON until it has seen as many records as will be written, and once more. */
async function tail(kinesis: KinesisClient): Promise<Seen[]> {
  const seen: Seen[] = [];
  const iterators = new Map<string, string | undefined>();
  for (const shardId of ['shardId-000000000000', 'shardId-000000000001']) {
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({ StreamName: 'shared', ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    iterators.set(shardId, ShardIterator);
  }
  for (let last = false; !last; ) {
    last = seen.length >= TOTAL;
    for (const [shardId, ShardIterator] of iterators) {
      const page = await kinesis.send(new GetRecordsCommand({ ShardIterator, Limit: 50 }));
      iterators.set(shardId, page.NextShardIterator);
      for (const { SequenceNumber = '', Data = new Uint8Array() } of page.Records ?? []) {
        seen.push({ shardId, sequenceNumber: SequenceNumber, text: Buffer.from(Data).toString() });
      }
    }
  }
  return seen;
}

const sorted = (seen: readonly Seen[]) => [...seen].sort((a, b) => (a.text < b.text ? -1 : 1));
