import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { base64, TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';

const clock = new TestClock();
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ clock, environment: { THROTTLING: 'on' } });
  await api.createStream('strict', 2);
});

beforeEach(() => clock.nextSecond());

afterAll(() => api.close());

async function statuses(count: number, call: () => Promise<{ status: number }>): Promise<number[]> {
  const answers: number[] = [];
  for (let i = 0; i < count; i++) {
    answers.push((await call()).status);
  }
  return answers;
}

describe('with throttling on', () => {
  it('an account-wide operation is refused beyond its rate', async () => {
    expect(await statuses(5, () => api.call('ListStreams', {}))).toEqual([200, 200, 200, 200, 200]);
    expect((await api.call('ListStreams', {})).body).toEqual({
      __type: 'LimitExceededException',
      message: 'Rate exceeded for account 000000000000.',
    });
    clock.nextSecond();
    expect((await api.call('ListStreams', {})).status).toBe(200);
  });

  it('an operation on a stream is refused with the name of the stream', async () => {
    await statuses(10, () => api.call('DescribeStream', { StreamName: 'strict' }));

    expect(
      (await api.call('DescribeStream', { StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/strict' })).body,
    ).toEqual({
      __type: 'LimitExceededException',
      message: 'Rate exceeded for stream strict under account 000000000000.',
    });
  });

  it('a shard takes five reads a second', async () => {
    const at = (ShardId: string) => ({ StreamName: 'strict', ShardId, ShardIteratorType: 'TRIM_HORIZON' });
    const { ShardIterator } = await api.ok('GetShardIterator', at('0'));
    expect(await statuses(5, () => api.call('GetShardIterator', at('0')))).toEqual([200, 200, 200, 200, 400]);
    expect((await api.call('GetShardIterator', at('1'))).status).toBe(200);

    expect(await statuses(5, () => api.call('GetRecords', { ShardIterator }))).toEqual([200, 200, 200, 200, 200]);
    expect((await api.call('GetRecords', { ShardIterator })).body).toEqual({
      __type: 'ProvisionedThroughputExceededException',
      message: 'Rate exceeded for Shard - 000000000000/strict/shardId-000000000000',
    });
  });

  it('a shard that has given more than two MiB rests for as long as it would have taken', async () => {
    const Data = base64('x'.repeat(1_000_000));
    for (let i = 0; i < 3; i++) {
      clock.nextSecond();
      await api.ok('PutRecord', { StreamName: 'strict', PartitionKey: 'k', ExplicitHashKey: '0', Data });
    }
    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'strict',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    clock.nextSecond();
    const read = () => api.call('GetRecords', { ShardIterator });

    expect((await read()).body.Records).toHaveLength(3);
    clock.nextSecond();
    expect((await read()).status).toBe(400);
    clock.nextSecond();
    expect((await read()).status).toBe(200);
  });

  it('a stream takes ten UpdateShardCount a day', async () => {
    const update = async () => {
      const input = { StreamName: 'strict', TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' };
      const answer = await api.call('UpdateShardCount', input);
      await api.inStatus('strict', 'ACTIVE');
      clock.nextSecond();
      return answer;
    };
    const results = await statuses(11, update);
    clock.pass(86_400_000);

    expect(results).toEqual([...Array(10).fill(200), 400]);
    expect((await update()).status).toBe(200);
  });
});
