import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ environment: { LIMITS: '{"accountShards":150}' } });
});

afterAll(() => api.close());

const shards = async (StreamName: string) => (await api.ok('ListShards', { StreamName })).Shards;

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

  it('of a stream with more shards than it scales to may only come below that', async () => {
    const limited = await TestApi.start({ environment: { LIMITS: '{"updateShardCountTarget":3}' } });
    await limited.createStream('wide', 4);
    const scaled = async (TargetShardCount: number) =>
      (await limited.call('UpdateShardCount', { StreamName: 'wide', TargetShardCount, ScalingType: 'UNIFORM_SCALING' }))
        .body?.__type;

    expect(await scaled(5)).toBe('LimitExceededException');
    expect(await scaled(3)).toBe('LimitExceededException');
    expect(await scaled(2)).toBeUndefined();
    await limited.close();
  });
});
