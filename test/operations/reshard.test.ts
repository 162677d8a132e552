import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base64, TestApi } from '../support/test-api.ts';
import { until } from '../support/until.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ environment: { LIMITS: '{"accountShards":150}' } });
});

afterAll(() => api.close());

const ACCOUNT = 'under account 000000000000';
const MAX = '340282366920938463463374607431768211455';
const HALF = '170141183460469231731687303715884105728';

const shards = async (StreamName: string) => (await api.ok('ListShards', { StreamName })).Shards;

async function split(StreamName: string, ShardToSplit: string, NewStartingHashKey = HALF): Promise<void> {
  await api.ok('SplitShard', { StreamName, ShardToSplit, NewStartingHashKey });
  await api.inStatus(StreamName, 'ACTIVE');
}

const secondsIn = (sequenceNumber: string, from: number, to: number) =>
  Number.parseInt(BigInt(sequenceNumber).toString(16).slice(from, to), 16);

describe('SplitShard', () => {
  it('closes the parent and opens two children one second later', async () => {
    await api.createStream('split');
    const { answer, during } = await api.whileTransitionsAreHeld(async () => ({
      answer: await api.call('SplitShard', { StreamName: 'split', ShardToSplit: '0', NewStartingHashKey: HALF }),
      during: await api.ok('DescribeStream', { StreamName: 'split' }),
    }));
    await api.inStatus('split', 'ACTIVE');
    const [parent, lower, upper] = await shards('split');

    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(during.StreamDescription).toMatchObject({ StreamStatus: 'UPDATING', Shards: [{}] });
    expect(lower).toMatchObject({
      ShardId: 'shardId-000000000001',
      ParentShardId: 'shardId-000000000000',
      HashKeyRange: { StartingHashKey: '0', EndingHashKey: (BigInt(HALF) - 1n).toString() },
    });
    expect(upper).toMatchObject({
      ShardId: 'shardId-000000000002',
      ParentShardId: 'shardId-000000000000',
      HashKeyRange: { StartingHashKey: HALF, EndingHashKey: MAX },
    });
    const ending = parent.SequenceNumberRange.EndingSequenceNumber;
    expect(BigInt(ending).toString(16).slice(11, 27)).toBe('7fffffffffffffff');
    expect(secondsIn(lower.SequenceNumberRange.StartingSequenceNumber, 1, 10)).toBe(secondsIn(ending, 29, 38) + 1);
    expect(lower.SequenceNumberRange).not.toHaveProperty('EndingSequenceNumber');
    expect(
      (await api.ok('DescribeStreamSummary', { StreamName: 'split' })).StreamDescriptionSummary.OpenShardCount,
    ).toBe(2);
  });

  it('refuses in the order of the real service', async () => {
    await api.createStream('checks', 2);
    const call = async (input: object) =>
      (await api.call('SplitShard', { StreamName: 'checks', ShardToSplit: '0', NewStartingHashKey: HALF, ...input }))
        .body;
    const range = `is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey ${(BigInt(HALF) - 1n).toString()}.`;
    const notBoth = (key: string) => ({
      __type: 'InvalidArgumentException',
      message: `NewStartingHashKey ${key} used in SplitShard() on shard shardId-000000000000 in stream checks ${ACCOUNT} ${range}`,
    });

    expect(await call({ StreamName: 'none', ShardToSplit: 'ABC' })).toEqual({
      __type: 'ResourceNotFoundException',
      message: `Could not find shard ABC in stream none ${ACCOUNT}.`,
    });
    expect(await call({ StreamName: 'none' })).toEqual({
      __type: 'ResourceNotFoundException',
      message: `Stream none ${ACCOUNT} not found.`,
    });
    expect(await call({ ShardToSplit: '5' })).toEqual({
      __type: 'ResourceNotFoundException',
      message: `Could not find shard shardId-000000000005 in stream checks ${ACCOUNT}.`,
    });
    expect(await call({ NewStartingHashKey: '1' })).toEqual(notBoth('1'));
    expect(await call({ NewStartingHashKey: HALF })).toEqual(notBoth(HALF));
    await split('checks', '0', '2');
    expect(await call({})).toEqual({
      __type: 'InvalidArgumentException',
      message: `Shard shardId-000000000000 in stream checks ${ACCOUNT} has already been merged or split, and thus is not eligible for merging or splitting.`,
    });
  });

  it('refuses a stream that is changing, and an on-demand one', async () => {
    await api.createStream('changing');
    await api.ok('CreateStream', { StreamName: 'demand' });
    await api.inStatus('demand', 'ACTIVE');
    const call = (StreamName: string) =>
      api.call('SplitShard', { StreamName, ShardToSplit: '0', NewStartingHashKey: HALF });

    const answers = await api.whileTransitionsAreHeld(() => Promise.all([call('changing'), call('changing')]));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(answers.find(({ status }) => status === 400)?.body).toEqual({
      __type: 'ResourceInUseException',
      message: `Stream changing ${ACCOUNT} not ACTIVE, instead in state UPDATING`,
    });
    expect((await call('demand')).body).toEqual({
      __type: 'ValidationException',
      message: `Request is invalid. Stream demand ${ACCOUNT} is in On-Demand mode.`,
    });
    await api.inStatus('changing', 'ACTIVE');
  });

  it('refuses one shard more than the account may have', async () => {
    const full = await TestApi.start({ environment: { LIMITS: '{"accountShards":1}' } });
    await full.createStream('full');

    const { body } = await full.call('SplitShard', { StreamName: 'full', ShardToSplit: '0', NewStartingHashKey: HALF });

    expect(body.message).toContain(
      'Current shard count for the account: 1. Limit: 1. Number of additional shards that would have resulted from this request: 1.',
    );
    await full.close();
  });
});

describe('MergeShards', () => {
  it('closes both parents at one second and opens one child', async () => {
    await api.createStream('merge', 2);
    await api.ok('MergeShards', { StreamName: 'merge', ShardToMerge: '0', AdjacentShardToMerge: '1' });
    await api.inStatus('merge', 'ACTIVE');
    const [first, second, child] = await shards('merge');

    expect(child).toMatchObject({
      ShardId: 'shardId-000000000002',
      ParentShardId: 'shardId-000000000000',
      AdjacentParentShardId: 'shardId-000000000001',
      HashKeyRange: { StartingHashKey: '0', EndingHashKey: MAX },
    });
    expect(secondsIn(first.SequenceNumberRange.EndingSequenceNumber, 29, 38)).toBe(
      secondsIn(second.SequenceNumberRange.EndingSequenceNumber, 29, 38),
    );
  });

  it('wants the lower shard first, and adjacent ones', async () => {
    await api.createStream('order', 3);
    const call = async (ShardToMerge: string, AdjacentShardToMerge: string) =>
      (await api.call('MergeShards', { StreamName: 'order', ShardToMerge, AdjacentShardToMerge })).body;
    const notAdjacent = (a: number, b: number) => ({
      __type: 'InvalidArgumentException',
      message: `Shards shardId-00000000000${a} and shardId-00000000000${b} in stream order ${ACCOUNT} are not an adjacent pair of shards eligible for merging`,
    });

    expect(await call('1', '0')).toEqual(notAdjacent(1, 0));
    expect(await call('0', '2')).toEqual(notAdjacent(0, 2));
    expect(await call('x', 'y')).toMatchObject({ message: `Could not find shard x in stream order ${ACCOUNT}.` });
    expect(await call('0', '7')).toMatchObject({
      message: `Could not find shard shardId-000000000007 in stream order ${ACCOUNT}.`,
    });
  });
});

describe('UpdateShardCount', () => {
  it('answers the counts, and leaves the target number of open shards', async () => {
    await api.createStream('scale', 4);

    const answer = await api.ok('UpdateShardCount', {
      StreamName: 'scale',
      TargetShardCount: 3,
      ScalingType: 'UNIFORM_SCALING',
    });
    await api.inStatus('scale', 'ACTIVE');

    expect(answer).toEqual({
      StreamName: 'scale',
      CurrentShardCount: 4,
      TargetShardCount: 3,
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/scale',
    });
    const all = await shards('scale');
    const open = all.filter((s: { SequenceNumberRange: object }) => !('EndingSequenceNumber' in s.SequenceNumberRange));
    expect(all).toHaveLength(11);
    expect(open.map((s: { ShardId: string }) => Number(s.ShardId.slice(-2)))).toEqual([6, 9, 10]);
  });

  it.each([
    [9, 'cannot scale up over double your current open shard count. Current open shard count: 4 Target shard count: 9'],
    [
      1,
      'cannot scale down below half your current open shard count. Current open shard count: 4 Target shard count: 1',
    ],
  ])('to %i of 4 shards is refused', async (TargetShardCount, message) => {
    await api.createStream(`bounds-${TargetShardCount}`, 4);

    expect(
      (
        await api.call('UpdateShardCount', {
          StreamName: `bounds-${TargetShardCount}`,
          TargetShardCount,
          ScalingType: 'UNIFORM_SCALING',
        })
      ).body,
    ).toEqual({ __type: 'LimitExceededException', message: `UpdateShardCount ${message}` });
  });
});

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

  /** What has to wait too long on a busy machine is throttled, and sent again. */
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

describe('an on-demand stream', () => {
  it('splits the shards that had to refuse records', async () => {
    const strict = await TestApi.start({ environment: { THROTTLING: 'on' } });
    await strict.ok('CreateStream', { StreamName: 'hot', StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    await strict.inStatus('hot', 'ACTIVE');
    const Records = Array.from({ length: 3 }, () => ({ PartitionKey: 'k', Data: base64('x'.repeat(500_000)) }));

    const { FailedRecordCount } = await strict.ok('PutRecords', { StreamName: 'hot', Records });

    expect(FailedRecordCount).toBe(1);
    await until(async () => {
      const { body } = await strict.call('DescribeStreamSummary', { StreamName: 'hot' });
      return body.StreamDescriptionSummary?.OpenShardCount === 5;
    });
    await strict.inStatus('hot', 'ACTIVE');
    await strict.close();
  });
});
