import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeLimitsCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  type _Record as KinesisRecord,
  ListShardsCommand,
  ListStreamConsumersCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';

/** A behaviour that every Kinesis endpoint must have. The checks run in order, and a check that fails throws. */
export interface Check {
  readonly name: string;
  run(endpoint: Endpoint): Promise<void>;
}

/** An endpoint under verification. */
export interface Endpoint {
  readonly client: KinesisClient;
  /** A stream that does not exist yet. The first check creates it, and the last one deletes it. */
  readonly stream: string;
}

/** The timeout of a transition. Transitions of the real service take about thirty seconds. */
const TRANSITION_MS = 180_000;
const HALF = (2n ** 127n).toString();

async function settled({ client, stream }: Endpoint): Promise<void> {
  for (const endMs = Date.now() + TRANSITION_MS; Date.now() < endMs; await sleep(300)) {
    const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
    if (StreamDescriptionSummary?.StreamStatus === 'ACTIVE') {
      return;
    }
  }
  throw new Error(`${stream} did not become ACTIVE`);
}

const put = ({ client, stream }: Endpoint, key: string, text: string) =>
  client.send(new PutRecordCommand({ StreamName: stream, PartitionKey: key, Data: Buffer.from(text) }));

type Start = Omit<GetShardIteratorCommandInput, 'StreamName' | 'ShardId'>;

/** Reads a shard from a starting position to its end or its tip. */
async function read({ client, stream }: Endpoint, ShardId: string, start: Start) {
  const place = { StreamName: stream, ShardId, ...start };
  let { ShardIterator } = await client.send(new GetShardIteratorCommand(place));
  const records: KinesisRecord[] = [];
  for (let polls = 0; ShardIterator !== undefined && polls < 40; polls++) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator }));
    records.push(...(page.Records ?? []));
    if (page.NextShardIterator === undefined) {
      return { records, children: page.ChildShards ?? [] };
    }
    ShardIterator = page.NextShardIterator;
    if (page.MillisBehindLatest === 0 && polls > 1) {
      break;
    }
    // A shard accepts five reads a second.
    await sleep(250);
  }
  return { records, children: [] };
}

const texts = (records: readonly KinesisRecord[]) => records.map(({ Data }) => Buffer.from(Data ?? []).toString());

async function openShards({ client, stream }: Endpoint) {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }));
  return Shards.filter((shard) => shard.SequenceNumberRange?.EndingSequenceNumber === undefined);
}

const TRIM_HORIZON = { ShardIteratorType: 'TRIM_HORIZON' } as const;
const FIRST = 'shardId-000000000000';

export const checks: readonly Check[] = [
  {
    name: 'creates a stream, which becomes ACTIVE',
    async run(endpoint) {
      await endpoint.client.send(new CreateStreamCommand({ StreamName: endpoint.stream, ShardCount: 1 }));
      await settled(endpoint);
      const { StreamNames } = await endpoint.client.send(
        new ListStreamsCommand({ ExclusiveStartStreamName: endpoint.stream.slice(0, -1) }),
      );
      assert.ok(StreamNames?.includes(endpoint.stream));
    },
  },
  {
    name: 'gives records back byte for byte, in their order, with the numbers that it acknowledged',
    async run(endpoint) {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const first = await endpoint.client.send(
        new PutRecordCommand({ StreamName: endpoint.stream, PartitionKey: 'ключ', Data: bytes }),
      );
      const { Records = [], FailedRecordCount } = await endpoint.client.send(
        new PutRecordsCommand({
          StreamName: endpoint.stream,
          Records: ['a', 'b', 'c'].map((text) => ({ PartitionKey: 'key', Data: Buffer.from(text) })),
        }),
      );
      const { records } = await read(endpoint, FIRST, TRIM_HORIZON);
      assert.equal(FailedRecordCount, 0);
      assert.deepEqual(Buffer.from(records[0]?.Data ?? []), bytes);
      assert.equal(records[0]?.PartitionKey, 'ключ');
      assert.deepEqual(texts(records.slice(1)), ['a', 'b', 'c']);
      assert.deepEqual(
        records.map(({ SequenceNumber }) => SequenceNumber),
        [first, ...Records].map(({ SequenceNumber }) => SequenceNumber),
      );
    },
  },
  {
    name: 'reads from a number, after a number, from a time, and from the tip',
    async run(endpoint) {
      const { records } = await read(endpoint, FIRST, TRIM_HORIZON);
      const StartingSequenceNumber = records[1]?.SequenceNumber;
      const at = await read(endpoint, FIRST, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber });
      const after = await read(endpoint, FIRST, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber });
      const Timestamp = records[0]?.ApproximateArrivalTimestamp;
      const since = await read(endpoint, FIRST, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp });
      const latest = await read(endpoint, FIRST, { ShardIteratorType: 'LATEST' });
      assert.deepEqual(texts(at.records), ['a', 'b', 'c']);
      assert.deepEqual(texts(after.records), ['b', 'c']);
      assert.equal(since.records.length, 4);
      assert.equal(latest.records.length, 0);
    },
  },
  {
    name: 'splits and merges shards, and keeps the order of a key across them',
    async run(endpoint) {
      const { client, stream: StreamName } = endpoint;
      await client.send(new SplitShardCommand({ StreamName, ShardToSplit: FIRST, NewStartingHashKey: HALF }));
      await settled(endpoint);
      const split = await put(endpoint, 'key', 'd');
      const [left, right] = await openShards(endpoint);
      await client.send(
        new MergeShardsCommand({ StreamName, ShardToMerge: left?.ShardId, AdjacentShardToMerge: right?.ShardId }),
      );
      await settled(endpoint);
      const merged = await put(endpoint, 'key', 'e');
      const parent = await read(endpoint, FIRST, TRIM_HORIZON);
      const child = await read(endpoint, split.ShardId ?? '', TRIM_HORIZON);
      const grandchild = await read(endpoint, merged.ShardId ?? '', TRIM_HORIZON);
      assert.equal(parent.children.length, 2);
      assert.deepEqual(
        child.children.map(({ ShardId }) => ShardId),
        [merged.ShardId],
      );
      assert.deepEqual(texts([...parent.records.slice(1), ...child.records, ...grandchild.records]), [...'abcde']);
    },
  },
  {
    name: 'keeps tags, retention and consumers',
    async run(endpoint) {
      const { client, stream: StreamName } = endpoint;
      await client.send(new AddTagsToStreamCommand({ StreamName, Tags: { team: 'rivers' } }));
      await client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: 48 }));
      await settled(endpoint);
      const { Tags } = await client.send(new ListTagsForStreamCommand({ StreamName }));
      const { StreamDescriptionSummary: summary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
      assert.deepEqual(Tags, [{ Key: 'team', Value: 'rivers' }]);
      assert.equal(summary?.RetentionPeriodHours, 48);
      const { StreamARN } = summary ?? {};
      const { Consumer } = await client.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'verify' }));
      const { Consumers } = await client.send(new ListStreamConsumersCommand({ StreamARN }));
      assert.deepEqual(
        Consumers?.map(({ ConsumerARN }) => ConsumerARN),
        [Consumer?.ConsumerARN],
      );
      await client.send(new DeregisterStreamConsumerCommand({ ConsumerARN: Consumer?.ConsumerARN }));
    },
  },
  {
    name: 'answers mistakes by name',
    async run({ client, stream: StreamName }) {
      await assert.rejects(client.send(new DescribeStreamCommand({ StreamName: `${StreamName}-none` })), {
        name: 'ResourceNotFoundException',
      });
      await assert.rejects(client.send(new GetRecordsCommand({ ShardIterator: 'AAAA' })), {
        name: 'InvalidArgumentException',
      });
      await assert.rejects(client.send(new CreateStreamCommand({ StreamName: 'no spaces', ShardCount: 1 })), {
        name: 'ValidationException',
      });
      await assert.rejects(client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 })), {
        name: 'ResourceInUseException',
      });
    },
  },
  {
    name: 'tells its limits',
    async run({ client }) {
      const { ShardLimit = 0, OpenShardCount = 0 } = await client.send(new DescribeLimitsCommand({}));
      assert.ok(ShardLimit > 0 && OpenShardCount > 0);
    },
  },
  {
    name: 'deletes the stream',
    async run({ client, stream: StreamName }) {
      await client.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
      for (const endMs = Date.now() + TRANSITION_MS; Date.now() < endMs; await sleep(500)) {
        const error = await client.send(new DescribeStreamSummaryCommand({ StreamName })).then(
          () => undefined,
          (e: Error) => e,
        );
        if (error?.name === 'ResourceNotFoundException') {
          return;
        }
      }
      throw new Error(`${StreamName} did not go away`);
    },
  },
];
