import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';

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
