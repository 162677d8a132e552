import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base64, TestApi } from '../../support/test-api.ts';
import { TestClock } from '../../support/test-clock.ts';

const clock = new TestClock();
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ clock });
  await api.createStream('three', 3);
});

afterAll(() => api.close());

const put = (input: object) => api.call('PutRecord', { StreamName: 'three', Data: '', PartitionKey: 'a', ...input });

const invalid = (message: string) => ({ __type: 'InvalidArgumentException', message });

describe('PutRecord', () => {
  it.each([
    ['a', 'shardId-000000000000'],
    ['b', 'shardId-000000000001'],
    ['e', 'shardId-000000000002'],
  ])('routes partition key %s to %s by its hash', async (PartitionKey, ShardId) => {
    const { body } = await put({ PartitionKey });

    expect(Object.keys(body)).toEqual(['ShardId', 'SequenceNumber']);
    expect(body.ShardId).toBe(ShardId);
  });

  it('routes by the explicit hash key where there is one', async () => {
    const { body } = await put({ ExplicitHashKey: '340282366920938463463374607431768211455' });

    expect(body.ShardId).toBe('shardId-000000000002');
  });

  it('gives ever greater sequence numbers above the start of the shard, with the second of the call', async () => {
    const { StreamDescription } = await api.ok('DescribeStream', { StreamName: 'three' });
    const numbers = [StreamDescription.Shards[0].SequenceNumberRange.StartingSequenceNumber];
    for (let i = 0; i < 5; i++) {
      numbers.push((await put({})).body.SequenceNumber);
    }

    expect(numbers).toEqual([...numbers].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)));
    expect(new Set(numbers).size).toBe(6);
    const hex = BigInt(numbers.at(-1)).toString(16);
    expect(Number.parseInt(hex.slice(29, 38), 16)).toBe(Math.floor(clock.now() / 1000));
  });

  it('refuses a hash key beyond the key space', async () => {
    expect((await put({ ExplicitHashKey: '340282366920938463463374607431768211456' })).body).toEqual(
      invalid(
        'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456',
      ),
    );
  });

  it.each(['0', '49646437577108476416916876405825929425585429676275269634'])(
    'takes %s for ordering',
    async (SequenceNumberForOrdering) => {
      expect((await put({ SequenceNumberForOrdering })).status).toBe(200);
    },
  );

  it.each([
    (BigInt('0x20000000000000000000000000000000000000000000002') + 1n).toString(),
    BigInt('0x2000000000000000000000000000fffffffff0000000002').toString(),
    '26227199374822427428162556223570313216',
  ])('refuses %s for ordering', async (number) => {
    expect((await put({ SequenceNumberForOrdering: number })).body).toEqual(
      invalid(
        `ExclusiveMinimumSequenceNumber ${number} used in PutRecord on stream three under account 000000000000 is invalid.`,
      ),
    );
  });

  it('to a stream that does not exist, or is not there yet, is told so', async () => {
    const unborn = await api.whileTransitionsAreHeld(async () => {
      await api.ok('CreateStream', { StreamName: 'unborn', ShardCount: 1 });
      return put({ StreamName: 'unborn' });
    });
    const none = await put({ StreamName: 'none' });

    const notFound = (name: string) => ({
      __type: 'ResourceNotFoundException',
      message: `Stream ${name} under account 000000000000 not found.`,
    });
    expect(unborn.body).toEqual(notFound('unborn'));
    expect(none.body).toEqual(notFound('none'));
  });

  it('takes 1 MiB of data and key, and no byte more', async () => {
    const exact = await put({ Data: Buffer.alloc(1024 * 1024 - 1).toString('base64') });
    const over = await put({ Data: Buffer.alloc(1024 * 1024).toString('base64') });

    expect(exact.status).toBe(200);
    expect(over.body).toEqual({
      __type: 'ValidationException',
      message:
        "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576",
    });
  });

  it('takes 10 MiB where the stream is made for it, and gives it back', async () => {
    await api.createStream('large', 1, { MaxRecordSizeInKiB: 10_240 });
    const data = Buffer.alloc(10 * 1024 * 1024 - 1, 'kinesis');

    await api.ok('PutRecord', { StreamName: 'large', PartitionKey: 'k', Data: data.toString('base64') });

    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'large',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const { Records } = await api.ok('GetRecords', { ShardIterator });
    expect(Buffer.from(Records[0].Data, 'base64').equals(data)).toBe(true);
  });

  it('checks data as base64', async () => {
    expect((await put({ Data: '=' })).body).toEqual({
      __type: 'SerializationException',
      Message:
        "'=' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 1",
    });
  });

  it('is throttled by the shard where throttling is on', async () => {
    const strict = await TestApi.start({ clock, environment: { THROTTLING: 'on' } });
    await strict.createStream('strict');
    const Data = Buffer.alloc(600_000).toString('base64');
    const large = { StreamName: 'strict', PartitionKey: 'k', Data };
    const first = await strict.call('PutRecord', large);
    const second = await strict.call('PutRecord', large);
    clock.nextSecond();
    const later = await strict.call('PutRecord', large);

    expect([first.status, second.status, later.status]).toEqual([200, 400, 200]);
    expect(second.body).toEqual({
      __type: 'ProvisionedThroughputExceededException',
      message: 'Rate exceeded for shard shardId-000000000000 in stream strict under account 000000000000.',
    });
    await strict.close();
  });

  it('of an empty record is taken', async () => {
    expect((await put({ Data: base64('') })).status).toBe(200);
  });
});
