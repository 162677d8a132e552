import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base64, TestApi } from '../../support/test-api.ts';
import { until } from '../../support/until.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ environment: { LIMITS: '{"accountShards":150}' } });
});

afterAll(() => api.close());

const MAX = '340282366920938463463374607431768211455';
const HALF = '170141183460469231731687303715884105728';

const shards = async (StreamName: string) => (await api.ok('ListShards', { StreamName })).Shards;

async function split(StreamName: string, ShardToSplit: string, NewStartingHashKey = HALF): Promise<void> {
  await api.ok('SplitShard', { StreamName, ShardToSplit, NewStartingHashKey });
  await api.inStatus(StreamName, 'ACTIVE');
}

describe('the records of a reshard', () => {
  it('have no times that have not come yet, whatever number of reshards went before', async () => {
    await api.createStream('times');
    await split('times', '0');
    await split('times', '1', '1000');
    const put = { StreamName: 'times', PartitionKey: 'k', ExplicitHashKey: '2000', Data: base64('x') };
    const { SequenceNumber, ShardId } = await api.ok('PutRecord', put);
    const at = { StreamName: 'times', ShardId, ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await api.ok('GetShardIterator', at);
    const { Records } = await api.ok('GetRecords', { ShardIterator });
    const Timestamp = Records[0].ApproximateArrivalTimestamp;

    expect((await api.call('PutRecord', { ...put, SequenceNumberForOrdering: SequenceNumber })).status).toBe(200);
    expect((await api.call('GetShardIterator', { ...at, ShardIteratorType: 'AT_TIMESTAMP', Timestamp })).status).toBe(
      200,
    );
    for (const t of [Timestamp - 0.4, Timestamp - 0.2, Timestamp]) {
      const ShardFilter = { Type: 'AT_TIMESTAMP', Timestamp: t };
      const { Shards } = await api.ok('ListShards', { StreamName: 'times', ShardFilter });
      const covered = Shards.reduce(
        (sum: bigint, s: { HashKeyRange: { StartingHashKey: string; EndingHashKey: string } }) =>
          sum + BigInt(s.HashKeyRange.EndingHashKey) - BigInt(s.HashKeyRange.StartingHashKey) + 1n,
        0n,
      );
      expect(covered).toBe(1n << 128n);
    }
  });

  it('stay where they are; the parent ends with its children, and its ending number is a place to read from', async () => {
    await api.createStream('ended');
    const put = await api.ok('PutRecord', { StreamName: 'ended', PartitionKey: 'k', Data: base64('before') });
    await split('ended', '0');
    const after = await api.ok('PutRecord', { StreamName: 'ended', PartitionKey: 'k', Data: base64('after') });
    const [parent] = await shards('ended');
    const read = async (input: object) => {
      const { ShardIterator } = await api.ok('GetShardIterator', { StreamName: 'ended', ShardId: '0', ...input });
      return api.ok('GetRecords', { ShardIterator });
    };

    const body = await read({ ShardIteratorType: 'TRIM_HORIZON' });
    const atEnd = await read({
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
      StartingSequenceNumber: parent.SequenceNumberRange.EndingSequenceNumber,
    });
    const latest = await read({ ShardIteratorType: 'LATEST' });

    expect(body.Records).toMatchObject([{ SequenceNumber: put.SequenceNumber }]);
    expect(Object.keys(body).sort()).toEqual(['ChildShards', 'MillisBehindLatest', 'Records']);
    expect(body.ChildShards).toEqual([
      {
        ShardId: 'shardId-000000000001',
        ParentShards: ['shardId-000000000000'],
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: (BigInt(HALF) - 1n).toString() },
      },
      {
        ShardId: 'shardId-000000000002',
        ParentShards: ['shardId-000000000000'],
        HashKeyRange: { StartingHashKey: HALF, EndingHashKey: MAX },
      },
    ]);
    for (const end of [atEnd, latest]) {
      expect(end).toMatchObject({ Records: [], ChildShards: [{}, {}] });
      expect(end).not.toHaveProperty('NextShardIterator');
    }
    expect(after.ShardId).not.toBe('shardId-000000000000');
    expect(BigInt(after.SequenceNumber)).toBeGreaterThan(BigInt(parent.SequenceNumberRange.EndingSequenceNumber));
  });

  it('are each read once, and in order per key, by walking parents before children while writers write', async () => {
    await api.createStream('walked', 2);
    const put: Record<string, string[]> = {};
    let writing = true;
    const writers = Array.from({ length: 6 }, async (_, w) => {
      const key = `key-${w}`;
      put[key] = [];
      for (let i = 0; writing; i++) {
        await putUntilTaken({ StreamName: 'walked', PartitionKey: key, Data: base64(`${i}`) });
        put[key]?.push(`${i}`);
      }
    });
    for (const [action, input] of [
      ['SplitShard', { ShardToSplit: '0', NewStartingHashKey: '1000' }],
      ['MergeShards', { ShardToMerge: '3', AdjacentShardToMerge: '1' }],
      ['UpdateShardCount', { TargetShardCount: 3, ScalingType: 'UNIFORM_SCALING' }],
      ['UpdateShardCount', { TargetShardCount: 4, ScalingType: 'UNIFORM_SCALING' }],
    ] as const) {
      await api.ok(action, { StreamName: 'walked', ...input });
      await api.inStatus('walked', 'ACTIVE');
    }
    writing = false;
    await Promise.all(writers);

    const read = await walk('walked');

    expect(read).toEqual(put);
  });

  /** Puts a record. A busy machine throttles what has to wait too long, and the record is sent again. */
  async function putUntilTaken(input: object): Promise<void> {
    await until(async () => {
      const { status, body, text } = await api.call('PutRecord', input);
      if (status !== 200 && body.__type !== 'ProvisionedThroughputExceededException') {
        throw new Error(`PutRecord answered ${status}: ${text}`);
      }
      return status === 200;
    });
  }

  /** Reads every shard to its end, parents before children. @returns what was read, by key */
  async function walk(StreamName: string): Promise<Record<string, string[]>> {
    const read: Record<string, string[]> = {};
    const done = new Set<string>();
    const queue = [...(await shards(StreamName))];
    while (queue.length > 0) {
      const shard = queue.shift();
      const parents = [shard.ParentShardId, shard.AdjacentParentShardId].filter(Boolean);
      if (!parents.every((parent) => done.has(parent))) {
        queue.push(shard);
        continue;
      }
      let { ShardIterator } = await api.ok('GetShardIterator', {
        StreamName,
        ShardId: shard.ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
      });
      for (let behind = true; behind && ShardIterator; ) {
        const page = await api.ok('GetRecords', { ShardIterator, Limit: 100 });
        for (const { PartitionKey, Data } of page.Records) {
          const texts = read[PartitionKey] ?? [];
          texts.push(Buffer.from(Data, 'base64').toString());
          read[PartitionKey] = texts;
        }
        behind = page.Records.length > 0 || page.MillisBehindLatest > 0;
        ShardIterator = page.NextShardIterator;
      }
      done.add(shard.ShardId);
    }
    return read;
  }
});
