import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';
import { TestClock } from '../../support/test-clock.ts';

const clock = new TestClock();
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ clock });
  await api.createStream('a', 3);
});

afterAll(() => api.close());

const ids = (body: { Shards: { ShardId: string }[] }) => body.Shards.map((shard) => Number(shard.ShardId.slice(-2)));

describe('ListShards', () => {
  it('pages by token alone', async () => {
    const first = await api.ok('ListShards', { StreamName: 'a', MaxResults: 2 });
    const rest = await api.ok('ListShards', { NextToken: first.NextToken });

    expect(ids(first)).toEqual([0, 1]);
    expect(ids(rest)).toEqual([2]);
    expect(rest).not.toHaveProperty('NextToken');
  });

  it('starts after a shard id, and after the last one lists nothing', async () => {
    expect(ids(await api.ok('ListShards', { StreamName: 'a', ExclusiveStartShardId: 'shardId-000000000000' }))).toEqual(
      [1, 2],
    );
    expect(await api.ok('ListShards', { StreamName: 'a', ExclusiveStartShardId: 'shardId-000000000002' })).toEqual({
      Shards: [],
    });
  });

  it('carries its filter from page to page', async () => {
    const ShardFilter = { Type: 'AFTER_SHARD_ID', ShardId: 'shardId-000000000000' };
    const first = await api.ok('ListShards', { StreamName: 'a', ShardFilter, MaxResults: 1 });

    expect(ids(first)).toEqual([1]);
    expect(ids(await api.ok('ListShards', { NextToken: first.NextToken }))).toEqual([2]);
  });

  it.each([
    [{}, 'Either NextToken or StreamName should be provided.'],
    [{ NextToken: 't', StreamName: 'a' }, 'NextToken and StreamName cannot be provided together.'],
    [
      { NextToken: 't', StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/a' },
      'NextToken and StreamARN cannot be provided together.',
    ],
    [
      { NextToken: 't', ExclusiveStartShardId: 'a' },
      'NextToken and ExclusiveStartShardId cannot be provided together.',
    ],
    [{ NextToken: 't', ShardFilter: { Type: 'AT_LATEST' } }, 'NextToken and ShardFilter cannot be provided together.'],
  ])('with %j is refused', async (input, message) => {
    expect((await api.call('ListShards', input)).body).toEqual({ __type: 'InvalidArgumentException', message });
  });

  it.each([
    { Type: 'AFTER_SHARD_ID' },
    { Type: 'AT_TIMESTAMP' },
    { Type: 'AT_LATEST', ShardId: 'shardId-000000000000' },
    { Type: 'FROM_TIMESTAMP', Timestamp: 4e9 },
  ])('refuses the filter %j', async (ShardFilter) => {
    expect((await api.call('ListShards', { StreamName: 'a', ShardFilter })).body.__type).toBe(
      'InvalidArgumentException',
    );
  });

  it('tells of a missing stream before of its filter', async () => {
    expect(
      (await api.call('ListShards', { StreamName: 'none', ShardFilter: { Type: 'AT_TIMESTAMP' } })).body.__type,
    ).toBe('ResourceNotFoundException');
  });

  it('tells streams of one name apart by their creation', async () => {
    const { StreamDescriptionSummary } = await api.ok('DescribeStreamSummary', { StreamName: 'a' });
    const StreamCreationTimestamp = StreamDescriptionSummary.StreamCreationTimestamp;

    expect(ids(await api.ok('ListShards', { StreamName: 'a', StreamCreationTimestamp }))).toHaveLength(3);
    expect(
      (await api.call('ListShards', { StreamName: 'a', StreamCreationTimestamp: StreamCreationTimestamp - 60 })).body
        .__type,
    ).toBe('ResourceNotFoundException');
  });

  it('of a stream that is CREATING is refused', async () => {
    const { body } = await api.whileTransitionsAreHeld(async () => {
      await api.ok('CreateStream', { StreamName: 'unborn', ShardCount: 1 });
      return api.call('ListShards', { StreamName: 'unborn' });
    });

    expect(body).toEqual({
      __type: 'ResourceInUseException',
      message: 'Stream unborn under account 000000000000 not ACTIVE or UPDATING, instead in state CREATING',
    });
  });

  it('does not take a token that is too old', async () => {
    const { NextToken } = await api.ok('ListShards', { StreamName: 'a', MaxResults: 1 });
    clock.pass(301_000);

    expect((await api.call('ListShards', { NextToken })).body.__type).toBe('ExpiredNextTokenException');
  });
});
