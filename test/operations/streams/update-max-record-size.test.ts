import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});

afterAll(() => api.close());

const arn = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
const summary = async (StreamName: string) =>
  (await api.ok('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary;

describe('UpdateMaxRecordSize', () => {
  it('lets the stream take larger records', async () => {
    await api.createStream('size');
    const put = () =>
      api.call('PutRecord', {
        StreamName: 'size',
        PartitionKey: 'k',
        Data: Buffer.alloc(2_000_000).toString('base64'),
      });
    expect((await put()).body.__type).toBe('ValidationException');

    await api.ok('UpdateMaxRecordSize', { StreamARN: arn('size'), MaxRecordSizeInKiB: 2_048 });
    await api.inStatus('size', 'ACTIVE');

    expect((await put()).status).toBe(200);
    expect((await summary('size')).MaxRecordSizeInKiB).toBe(2_048);
    expect((await api.call('UpdateMaxRecordSize', { StreamARN: arn('size'), MaxRecordSizeInKiB: 1 })).body.__type).toBe(
      'ValidationException',
    );
  });

  it('by another process is known before a record is refused', async () => {
    const other = await TestApi.start({ store: api.rivulet.store });
    await api.createStream('elsewhere');
    const put = (size: number) =>
      other.call('PutRecord', {
        StreamName: 'elsewhere',
        PartitionKey: 'k',
        Data: Buffer.alloc(size).toString('base64'),
      });
    expect((await put(1)).status).toBe(200);
    await api.ok('UpdateMaxRecordSize', { StreamARN: arn('elsewhere'), MaxRecordSizeInKiB: 2_048 });
    await api.inStatus('elsewhere', 'ACTIVE');

    expect((await put(1_500_000)).status).toBe(200);
    await other.close();
  });
});
