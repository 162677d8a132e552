import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../support/test-api.ts';

const SHARD_IDS = ['shardId-000000000000', 'shardId-000000000001'];
const WRITERS = 32;
const PUTS_PER_WRITER = 12;
const RECORDS_PER_PUT = 3;
const TOTAL = WRITERS * PUTS_PER_WRITER * RECORDS_PER_PUT;

/** A record: its shard, its sequence number and its text. */
interface Seen {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly text: string;
}

/** Sends each request once. An SDK that sends a put again does not report that its records may be stored twice. */
const client = (api: TestApi) =>
  new KinesisClient({
    endpoint: api.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  });

describe('32 writers on 2 shards, through two API processes on one store', () => {
  let first: TestApi;
  let second: TestApi;

  beforeAll(async () => {
    first = await TestApi.start();
    second = await TestApi.start({ store: first.rivulet.store });
    await first.createStream('shared', SHARD_IDS.length);
  });

  afterAll(async () => {
    await second.close();
    await first.close();
  });

  it('lose nothing: two readers that tail see every acknowledged record once, in sequence order', async () => {
    const clients = [client(first), client(second)] as const;
    const acknowledged: Seen[] = [];
    let writing = true;
    const writers = Array.from({ length: WRITERS }, (_, w) => write(clients[w % 2] as KinesisClient, w, acknowledged));
    const written = Promise.all(writers).finally(() => {
      writing = false;
    });
    const [, ...read] = await Promise.all([written, ...clients.map((reader) => tail(reader, () => writing))]);

    expect(acknowledged).toHaveLength(TOTAL);
    for (const seen of read) {
      expect(sorted(seen)).toEqual(sorted(acknowledged));
      for (const shardId of SHARD_IDS) {
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
    let texts = Array.from({ length: RECORDS_PER_PUT }, (_, i) => `${writer}.${put}.${i}`);
    while (texts.length > 0) {
      texts = await putOnce(kinesis, texts, acknowledged);
    }
  }
}

/**
 * @returns the throttled records. A busy machine throttles what had to wait too long, and a producer sends it again
 * @throws Error when a record failed in another way
 */
async function putOnce(kinesis: KinesisClient, texts: readonly string[], acknowledged: Seen[]): Promise<string[]> {
  const Records = texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text) }));
  const answer = await kinesis.send(new PutRecordsCommand({ StreamName: 'shared', Records }));
  const throttled: string[] = [];
  for (const [i, { ShardId, SequenceNumber, ErrorCode, ErrorMessage }] of (answer.Records ?? []).entries()) {
    const text = texts[i] ?? '';
    if (ShardId !== undefined && SequenceNumber !== undefined) {
      acknowledged.push({ shardId: ShardId, sequenceNumber: SequenceNumber, text });
    } else if (ErrorCode === 'ProvisionedThroughputExceededException') {
      throttled.push(text);
    } else {
      throw new Error(`${text} was answered ${ErrorCode}: ${ErrorMessage}`);
    }
  }
  return throttled;
}

/** Follows every shard from TRIM_HORIZON until nothing is written any more and everything has been read. */
async function tail(kinesis: KinesisClient, writing: () => boolean): Promise<Seen[]> {
  const seen: Seen[] = [];
  const iterators = new Map<string, string | undefined>();
  for (const shardId of SHARD_IDS) {
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({ StreamName: 'shared', ShardId: shardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    iterators.set(shardId, ShardIterator);
  }
  for (let atTip = false; !atTip; ) {
    atTip = !writing();
    for (const [shardId, ShardIterator] of iterators) {
      const page = await kinesis.send(new GetRecordsCommand({ ShardIterator, Limit: 50 }));
      iterators.set(shardId, page.NextShardIterator);
      atTip &&= page.Records?.length === 0 && page.MillisBehindLatest === 0;
      for (const { SequenceNumber = '', Data = new Uint8Array() } of page.Records ?? []) {
        seen.push({ shardId, sequenceNumber: SequenceNumber, text: Buffer.from(Data).toString() });
      }
    }
  }
  return seen;
}

const sorted = (seen: readonly Seen[]) => [...seen].sort((a, b) => (a.text < b.text ? -1 : 1));
