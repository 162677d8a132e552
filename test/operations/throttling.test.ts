import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base64, TestApi } from '../support/test-api.ts';

let api: TestApi;
/** Some days ago, so that the state machine, which waits by the real clock, never has to. */
let nowMs = Date.now() - 3 * 86_400_000;

beforeAll(async () => {
  api = await TestApi.start({ environment: { THROTTLING: 'on', TRANSITION_MS: '0' }, now: () => nowMs });
  await api.ok('CreateStream', { StreamName: 'strict', ShardCount: 2 });
  await nextSecond();
  await api.inStatus('strict', 'ACTIVE');
});

afterAll(() => api.close());

/** Waits for what is under way, and turns the clock to the next second. */
async function nextSecond(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 150));
  nowMs = (Math.floor(nowMs / 1000) + 1) * 1000;
}

/** Turns the clock until the stream has come to rest. */
async function active(): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    await nextSecond();
    const { body } = await api.call('DescribeStreamSummary', { StreamName: 'strict' });
    if (body.StreamDescriptionSummary.StreamStatus === 'ACTIVE') {
      return;
    }
  }
  throw new Error('the stream did not come to rest');
}

async function statuses(count: number, call: () => Promise<{ status: number }>): Promise<number[]> {
  const answers: number[] = [];
  for (let i = 0; i < count; i++) {
    answers.push((await call()).status);
  }
  return answers;
}

describe('with throttling on', () => {
  it('an account-wide operation is refused beyond its rate', async () => {
    await nextSecond();

    expect(await statuses(5, () => api.call('ListStreams', {}))).toEqual([200, 200, 200, 200, 200]);
    expect((await api.call('ListStreams', {})).body).toEqual({
      __type: 'LimitExceededException',
      message: 'Rate exceeded for account 000000000000.',
    });
    await nextSecond();
    expect((await api.call('ListStreams', {})).status).toBe(200);
  });

  it('an operation on a stream is refused with the name of the stream', async () => {
    await nextSecond();
    await statuses(10, () => api.call('DescribeStream', { StreamName: 'strict' }));

    expect(
      (await api.call('DescribeStream', { StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/strict' })).body,
    ).toEqual({
      __type: 'LimitExceededException',
      message: 'Rate exceeded for stream strict under account 000000000000.',
    });
  });

  it('a shard takes five reads a second', async () => {
    await nextSecond();
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
      await nextSecond();
      await api.ok('PutRecord', { StreamName: 'strict', PartitionKey: 'k', ExplicitHashKey: '0', Data });
    }
    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'strict',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    await nextSecond();
    const read = () => api.call('GetRecords', { ShardIterator });

    expect((await read()).body.Records).toHaveLength(3);
    await nextSecond();
    expect((await read()).status).toBe(400);
    await nextSecond();
    expect((await read()).status).toBe(200);
  });

  it('a stream takes ten UpdateShardCount a day', async () => {
    const results: number[] = [];
    for (let i = 0; i < 11; i++) {
      await active();
      const input = { StreamName: 'strict', TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' };
      results.push((await api.call('UpdateShardCount', input)).status);
    }
    nowMs += 86_400_000;

    expect(results).toEqual([...Array(10).fill(200), 400]);
    await active();
    const input = { StreamName: 'strict', TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' };
    expect((await api.call('UpdateShardCount', input)).status).toBe(200);
  });
});
