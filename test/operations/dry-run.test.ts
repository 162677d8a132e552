import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { base64, SIGNED, TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';

const WOULD_SUCCEED = {
  __type: 'DryRunOperationException',
  message: 'The request would have succeeded, but the DryRun option is set.',
};

const STREAM = 'arn:aws:kinesis:us-east-1:000000000000:stream/dry';

describe('a dry run', () => {
  const clock = new TestClock();
  let api: TestApi;
  let consumer = '';

  beforeAll(async () => {
    api = await TestApi.start({ clock, environment: { THROTTLING: 'on' } });
    await api.createStream('dry');
    const { Consumer } = await api.ok('RegisterStreamConsumer', { StreamARN: STREAM, ConsumerName: 'c' });
    consumer = Consumer.ConsumerARN;
    clock.pass(60_000);
  });

  beforeEach(() => clock.nextSecond());

  afterAll(() => api.close());

  const iterator = async (): Promise<string> =>
    (await api.ok('GetShardIterator', { StreamName: 'dry', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' }))
      .ShardIterator;

  const record = { PartitionKey: 'k', Data: base64('x') };

  /** Calls that would succeed if nothing in them were changed. */
  const calls: Readonly<Record<string, (changes?: object) => Promise<object>>> = {
    PutRecord: async (changes) => ({ StreamName: 'dry', ...record, ...changes }),
    PutRecords: async (changes) => ({ StreamName: 'dry', Records: [record], ...changes }),
    GetShardIterator: async (changes) => ({
      StreamName: 'dry',
      ShardId: '0',
      ShardIteratorType: 'LATEST',
      ...changes,
    }),
    GetRecords: async (changes) => ({ ShardIterator: await iterator(), ...changes }),
    SubscribeToShard: async (changes) => ({
      ConsumerARN: consumer,
      ShardId: '0',
      StartingPosition: { Type: 'LATEST' },
      ...changes,
    }),
  };

  const dry = async (action: string, changes: object = {}) =>
    api.call(action, { ...(await calls[action]?.(changes)), DryRun: true });

  it.each(Object.keys(calls))('of %s that would succeed says so, as a fault', async (action) => {
    const { status, body } = await dry(action);

    expect(status).toBe(400);
    expect(body).toEqual(WOULD_SUCCEED);
  });

  it('of a put writes nothing', async () => {
    await dry('PutRecord');
    clock.nextSecond();
    await dry('PutRecords');

    expect((await api.ok('GetRecords', { ShardIterator: await iterator() })).Records).toEqual([]);
  });

  it.each([
    ['PutRecord', { StreamName: 'none' }, 'ResourceNotFoundException'],
    ['PutRecord', { ExplicitHashKey: (2n ** 128n).toString() }, 'InvalidArgumentException'],
    ['PutRecord', { Data: base64('x'.repeat(1_048_577)) }, 'ValidationException'],
    ['PutRecords', { Records: [record, { ...record, PartitionKey: '' }] }, 'ValidationException'],
    ['GetShardIterator', { ShardId: '7' }, 'ResourceNotFoundException'],
    ['GetShardIterator', { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: 99_999_999_999 }, 'InvalidArgumentException'],
    ['GetRecords', { ShardIterator: 'none' }, 'InvalidArgumentException'],
    ['SubscribeToShard', { ShardId: '7' }, 'ResourceNotFoundException'],
  ])('of %s with %o fails as the call would', async (action, changes, type) => {
    expect((await dry(action, changes)).body.__type).toBe(type);
  });

  it('is no dry run when it is false', async () => {
    await api.createStream('wet');

    expect((await api.call('PutRecord', { ...record, StreamName: 'wet', DryRun: false })).status).toBe(200);
  });

  it.each([1, {}])('is a type error when it is %o', async (DryRun) => {
    expect((await api.call('PutRecord', { ...record, StreamName: 'dry', DryRun })).body.__type).toBe(
      'SerializationException',
    );
  });

  it('can be made once a second for a stream, by whichever operation, and takes none of its limits', async () => {
    expect((await dry('PutRecord')).body.__type).toBe('DryRunOperationException');
    expect((await dry('GetShardIterator')).body).toEqual({
      __type: 'ThrottlingException',
      message: 'Rate exceeded for stream dry under account 000000000000.',
    });
    clock.nextSecond();
    for (let second = 0; second < 6; second++) {
      expect((await dry('GetShardIterator')).body.__type).toBe('DryRunOperationException');
      clock.nextSecond();
    }
    for (let call = 0; call < 5; call++) {
      await iterator();
    }
    expect((await dry('GetShardIterator')).body.__type).toBe('DryRunOperationException');
  });

  it('of a subscription takes the place of none', async () => {
    const input = await calls.SubscribeToShard?.();
    await dry('SubscribeToShard');

    const answer = await fetch(`${api.endpoint}/`, {
      method: 'POST',
      headers: {
        ...SIGNED,
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': 'Kinesis_20131202.SubscribeToShard',
      },
      body: JSON.stringify(input),
    });

    expect(answer.status).toBe(200);
    await answer.body?.cancel();
  });
});
