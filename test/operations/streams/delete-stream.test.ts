import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base64, TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});

afterAll(() => api.close());

const notFound = (name: string) => ({
  __type: 'ResourceNotFoundException',
  message: `Stream ${name} under account 000000000000 not found.`,
});

describe('DeleteStream', () => {
  it('of a stream that does not exist is told so', async () => {
    expect((await api.call('DeleteStream', { StreamName: 'none' })).body).toEqual(notFound('none'));
  });

  it('shows DELETING at once, and then the stream is gone with everything in it', async () => {
    await api.createStream('short', 3);

    const { answer, during, again } = await api.whileTransitionsAreHeld(async () => ({
      answer: await api.call('DeleteStream', { StreamName: 'short' }),
      during: await api.ok('DescribeStream', { StreamName: 'short' }),
      again: await api.call('DeleteStream', { StreamName: 'short' }),
    }));
    await api.gone('short');

    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(during.StreamDescription).toMatchObject({ StreamStatus: 'DELETING', Shards: [{}, {}, {}] });
    expect(again.status).toBe(200);
    expect((await api.call('DescribeStream', { StreamName: 'short' })).body).toEqual(notFound('short'));
  });

  it('works while the stream is CREATING', async () => {
    const { StreamDescription } = await api.whileTransitionsAreHeld(async () => {
      await api.ok('CreateStream', { StreamName: 'unborn', ShardCount: 2 });
      await api.ok('DeleteStream', { StreamName: 'unborn' });
      return api.ok('DescribeStream', { StreamName: 'unborn' });
    });

    expect(StreamDescription).toMatchObject({ StreamStatus: 'DELETING', Shards: [] });
    await api.gone('unborn');
  });

  it('takes puts away at once, and iterators with the stream', async () => {
    await api.createStream('busy');
    await api.ok('PutRecord', { StreamName: 'busy', PartitionKey: 'k', Data: base64('x') });
    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'busy',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });

    const put = await api.whileTransitionsAreHeld(async () => {
      await api.ok('DeleteStream', { StreamName: 'busy' });
      return api.call('PutRecord', { StreamName: 'busy', PartitionKey: 'k', Data: '' });
    });
    await api.gone('busy');
    const read = await api.call('GetRecords', { ShardIterator });

    expect(put.body).toEqual(notFound('busy'));
    expect(read.body).toEqual({
      __type: 'ResourceNotFoundException',
      message: 'Shard shardId-000000000000 in stream busy under account 000000000000 does not exist',
    });
  });

  it('frees the name for a stream that knows nothing of the first', async () => {
    await api.createStream('phoenix');
    await api.ok('PutRecord', { StreamName: 'phoenix', PartitionKey: 'k', Data: base64('old') });
    const old = await api.ok('GetShardIterator', {
      StreamName: 'phoenix',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    await api.ok('DeleteStream', { StreamName: 'phoenix' });
    await api.gone('phoenix');

    await api.createStream('phoenix');
    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'phoenix',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });

    expect((await api.ok('GetRecords', { ShardIterator })).Records).toEqual([]);
    expect((await api.call('GetRecords', { ShardIterator: old.ShardIterator })).body.__type).toBe(
      'ResourceNotFoundException',
    );
  });

  it('is over for another process too, which still remembers the first stream of the name', async () => {
    const other = await TestApi.start({ store: api.rivulet.store });
    const place = { StreamName: 'reborn', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' };
    const put = (text: string) => ({ StreamName: 'reborn', PartitionKey: 'k', Data: base64(text) });
    await api.createStream('reborn');
    await other.ok('PutRecord', put('first'));
    await api.ok('DeleteStream', { StreamName: 'reborn' });
    await api.gone('reborn');
    await api.createStream('reborn');

    const { ShardIterator } = await other.ok('GetShardIterator', place);
    await other.ok('PutRecord', put('second'));
    const { Records } = await other.ok('GetRecords', { ShardIterator });

    expect(Records.map(({ Data }: { Data: string }) => Data)).toEqual([base64('second')]);
    await other.close();
  });
});
