import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ environment: { LIMITS: '{"accountShards":150}' } });
});

afterAll(() => api.close());

const ACCOUNT = 'under account 000000000000';
const MAX = '340282366920938463463374607431768211455';

const shards = async (StreamName: string) => (await api.ok('ListShards', { StreamName })).Shards;

const secondsIn = (sequenceNumber: string, from: number, to: number) =>
  Number.parseInt(BigInt(sequenceNumber).toString(16).slice(from, to), 16);

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
