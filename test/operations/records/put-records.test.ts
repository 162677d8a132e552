import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base64, TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
  await api.createStream('three', 3);
});

afterAll(() => api.close());

const put = (Records: object[], StreamName = 'three') => api.call('PutRecords', { StreamName, Records });

const record = (text: string, PartitionKey = 'a', more: object = {}) => ({ Data: base64(text), PartitionKey, ...more });

const indexOf = (sequenceNumber: string) => BigInt(`0x${BigInt(sequenceNumber).toString(16).slice(11, 27)}`);

describe('PutRecords', () => {
  it('answers one entry for each record, in their order', async () => {
    const { body } = await put([record('1', 'a'), record('2', 'b'), record('3', 'e'), record('4', 'f')]);

    expect(Object.keys(body)).toEqual(['FailedRecordCount', 'Records']);
    expect(body.FailedRecordCount).toBe(0);
    expect(body.Records.map((r: { ShardId: string }) => r.ShardId.slice(-1))).toEqual(['0', '1', '2', '1']);
    expect(Object.keys(body.Records[0])).toEqual(['SequenceNumber', 'ShardId']);
  });

  it('gives the records of one shard numbers that are one apart, in request order', async () => {
    const { body } = await put(Array.from({ length: 500 }, (_, i) => record(`${i}`)));

    const indexes = body.Records.map((r: { SequenceNumber: string }) => indexOf(r.SequenceNumber));
    expect(indexes).toEqual(indexes.map((_: bigint, i: number) => indexes[0] + BigInt(i)));
  });

  it('writes nothing when one hash key is out of range', async () => {
    await api.createStream('untouched');
    const bad = record('x', 'k', { ExplicitHashKey: '340282366920938463463374607431768211456' });

    expect((await put([record('fine'), bad], 'untouched')).body.__type).toBe('InvalidArgumentException');

    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'untouched',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    expect((await api.ok('GetRecords', { ShardIterator })).Records).toEqual([]);
  });

  it('writes nothing when one record is too large, and says which', async () => {
    const { body } = await put([record('fine'), record('x'.repeat(1024 * 1024))]);

    expect(body).toEqual({
      __type: 'ValidationException',
      message:
        "1 validation error detected: Value at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to 1048576",
    });
  });

  it('refuses more than ten MiB together', async () => {
    const data = 'x'.repeat(1024 * 1024 - 1);

    expect((await put(Array.from({ length: 10 }, () => record(data)))).status).toBe(200);
    expect((await put(Array.from({ length: 11 }, () => record(data)))).body.__type).toBe('InvalidArgumentException');
  });

  it('refuses none, and more than 500', async () => {
    expect((await put([])).body.message).toContain("'records' failed to satisfy constraint");
    expect((await put(Array.from({ length: 501 }, () => record('')))).body.message).toBe(
      "1 validation error detected: Value at 'records' failed to satisfy constraint: Member must have length less than or equal to 500",
    );
  });

  it('throttles record by record where throttling is on', async () => {
    const strict = await TestApi.start({ environment: { THROTTLING: 'on' } });
    await strict.createStream('strict');
    const sizes = [500_000, 500_000, 500_000, 10];

    const { status, body } = await strict.call('PutRecords', {
      StreamName: 'strict',
      Records: sizes.map((size) => record('x'.repeat(size))),
    });

    expect([status, body.FailedRecordCount]).toEqual([200, 1]);
    expect(body.Records[2]).toEqual({
      ErrorCode: 'ProvisionedThroughputExceededException',
      ErrorMessage: 'Rate exceeded for shard shardId-000000000000 in stream strict under account 000000000000.',
    });
    expect(indexOf(body.Records[3].SequenceNumber) - indexOf(body.Records[0].SequenceNumber)).toBe(2n);
    await strict.close();
  });
});
