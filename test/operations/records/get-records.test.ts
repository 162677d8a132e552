import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base64, TestApi } from '../../support/test-api.ts';
import { TestClock } from '../../support/test-clock.ts';

const clock = new TestClock();
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ clock });
  await api.createStream('two', 2);
});

afterAll(() => api.close());

const iterator = (input: object) =>
  api.call('GetShardIterator', { StreamName: 'two', ShardId: 'shardId-000000000000', ...input });

const invalid = (message: string) => ({ __type: 'InvalidArgumentException', message });

async function read(StreamName: string, input: object) {
  const { ShardIterator } = await api.ok('GetShardIterator', { StreamName, ShardId: '0', ...input });
  return api.ok('GetRecords', { ShardIterator });
}

const texts = (body: { Records: { Data: string }[] }) =>
  body.Records.map(({ Data }) => Buffer.from(Data, 'base64').toString());

describe('GetRecords', () => {
  it('answers exactly the members of an open shard', async () => {
    await api.createStream('members');
    const put = await api.ok('PutRecord', { StreamName: 'members', PartitionKey: 'k', Data: base64('x') });

    const body = await read('members', { ShardIteratorType: 'TRIM_HORIZON' });

    expect(Object.keys(body).sort()).toEqual(['MillisBehindLatest', 'NextShardIterator', 'Records']);
    expect(body.MillisBehindLatest).toBe(0);
    expect(body.Records).toEqual([
      {
        SequenceNumber: put.SequenceNumber,
        ApproximateArrivalTimestamp: clock.now() / 1000,
        Data: base64('x'),
        PartitionKey: 'k',
      },
    ]);
  });

  it('gives back partition keys beyond ASCII', async () => {
    const PartitionKey = 'Zürich, 東京 \u{1f600}';
    await api.createStream('keys', 1);
    await api.ok('PutRecord', { StreamName: 'keys', PartitionKey, Data: base64('data') });

    const { Records } = await read('keys', { ShardIteratorType: 'TRIM_HORIZON' });

    expect(Records).toMatchObject([{ PartitionKey, Data: base64('data') }]);
  });

  it('reads from each starting position', async () => {
    await api.createStream('positions');
    const numbers: string[] = [];
    for (const text of ['a', 'b', 'c']) {
      const { SequenceNumber } = await api.ok('PutRecord', {
        StreamName: 'positions',
        PartitionKey: 'k',
        Data: base64(text),
      });
      numbers.push(SequenceNumber);
      clock.pass(3_000);
    }
    const all = await read('positions', { ShardIteratorType: 'TRIM_HORIZON' });
    const latest = await api.ok('GetShardIterator', {
      StreamName: 'positions',
      ShardId: '0',
      ShardIteratorType: 'LATEST',
    });
    await api.ok('PutRecord', { StreamName: 'positions', PartitionKey: 'k', Data: base64('d') });

    const from = async (ShardIteratorType: string, more: object) =>
      texts(await read('positions', { ShardIteratorType, ...more })).join('');
    const Timestamp = all.Records[1].ApproximateArrivalTimestamp;
    expect(texts(all).join('')).toBe('abc');
    expect(await from('AT_SEQUENCE_NUMBER', { StartingSequenceNumber: numbers[1] })).toBe('bcd');
    expect(await from('AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber: numbers[1] })).toBe('cd');
    expect(await from('AT_TIMESTAMP', { Timestamp })).toBe('bcd');
    expect(await from('AT_TIMESTAMP', { Timestamp: Timestamp + 0.001 })).toBe('cd');
    expect(await from('AT_TIMESTAMP', { Timestamp: 1 })).toBe('abcd');
    expect(texts(await api.ok('GetRecords', { ShardIterator: latest.ShardIterator }))).toEqual(['d']);
  });

  it('starts at the number that the shard starts with, though no record has it', async () => {
    await api.createStream('start');
    await api.ok('PutRecord', { StreamName: 'start', PartitionKey: 'k', Data: base64('first') });
    const { StreamDescription } = await api.ok('DescribeStream', { StreamName: 'start' });
    const StartingSequenceNumber = StreamDescription.Shards[0].SequenceNumberRange.StartingSequenceNumber;

    for (const ShardIteratorType of ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER']) {
      expect(texts(await read('start', { ShardIteratorType, StartingSequenceNumber }))).toEqual(['first']);
    }
  });

  it('goes on with the next iterator, which is never the one given', async () => {
    await api.createStream('paged');
    await api.ok('PutRecords', {
      StreamName: 'paged',
      Records: ['1', '2', '3'].map((text) => ({ PartitionKey: 'k', Data: base64(text) })),
    });
    let { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'paged',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const seen = new Set<string>([ShardIterator]);
    const read: string[] = [];
    for (let i = 0; i < 5; i++) {
      const page = await api.ok('GetRecords', { ShardIterator, Limit: 1 });
      read.push(...texts(page));
      ShardIterator = page.NextShardIterator;
      seen.add(ShardIterator);
    }

    expect(read).toEqual(['1', '2', '3']);
    expect(seen.size).toBe(6);
  });

  it('gives records that were put after the iterator of an empty shard was taken', async () => {
    await api.createStream('empty');
    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'empty',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    expect((await api.ok('GetRecords', { ShardIterator })).Records).toEqual([]);
    await api.ok('PutRecord', { StreamName: 'empty', PartitionKey: 'k', Data: base64('late') });

    expect(texts(await api.ok('GetRecords', { ShardIterator }))).toEqual(['late']);
  });

  it('hides what is past retention', async () => {
    await api.createStream('old');
    await api.ok('PutRecord', { StreamName: 'old', PartitionKey: 'k', Data: base64('old') });
    clock.pass(24 * 3_600_000 + 1_000);

    expect(texts(await read('old', { ShardIteratorType: 'TRIM_HORIZON' }))).toEqual([]);
    await api.ok('PutRecord', { StreamName: 'old', PartitionKey: 'k', Data: base64('new') });
    expect(texts(await read('old', { ShardIteratorType: 'TRIM_HORIZON' }))).toEqual(['new']);
  });

  it.each([
    'x',
    'AAAAAAAAAAE=',
    Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), Buffer.alloc(144)]).toString('base64'),
  ])('refuses the iterator %s', async (ShardIterator) => {
    expect((await api.call('GetRecords', { ShardIterator })).body).toEqual(invalid('Invalid ShardIterator.'));
  });

  it('refuses an iterator after five minutes, and tells both times', async () => {
    const { body } = await iterator({ ShardIteratorType: 'LATEST' });
    clock.pass(300_500);

    const { body: expired } = await api.call('GetRecords', body);

    const date = '[A-Z][a-z]{2} [A-Z][a-z]{2} \\d\\d \\d\\d:\\d\\d:\\d\\d UTC \\d{4}';
    expect(expired.__type).toBe('ExpiredIteratorException');
    expect(expired.message).toMatch(
      new RegExp(
        `^Iterator expired\\. The iterator was created at time ${date} while right now it is ${date} which is further in the future than the tolerated delay of 300000 milliseconds\\.$`,
      ),
    );
  });

  it('tells how far behind the last record is', async () => {
    await api.createStream('behind');
    for (const text of ['1', '2']) {
      await api.ok('PutRecord', { StreamName: 'behind', PartitionKey: 'k', Data: base64(text) });
    }
    clock.pass(5_000);
    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'behind',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });

    const { MillisBehindLatest } = await api.ok('GetRecords', { ShardIterator, Limit: 1 });

    expect(MillisBehindLatest).toBe(5_000);
  });
});
