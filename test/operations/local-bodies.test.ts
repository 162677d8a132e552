import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, S3_KEY, S3Server } from '../support/s3-server.ts';
import { incompressible } from '../support/shard-log.ts';
import { base64, TestApi } from '../support/test-api.ts';

describe('a local server with a bucket for bodies', () => {
  const before = { ...process.env };
  let s3: S3Server;
  let api: TestApi;

  beforeAll(async () => {
    s3 = await S3Server.start();
    process.env.AWS_ACCESS_KEY_ID = S3_KEY.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = S3_KEY.secretAccessKey;
    api = await TestApi.start({
      environment: { BODIES_BUCKET: BUCKET, BODIES_ABOVE: '5000', AWS_ENDPOINT_URL_S3: s3.endpoint },
    });
    await api.createStream('large', 1);
  });

  afterAll(async () => {
    await api.close();
    await s3.close();
    process.env = before;
  });

  it('keeps large batches there, and reads them back', async () => {
    const data = [incompressible(100), incompressible(20_000), incompressible(300_000)].map(base64);
    for (const Data of data) {
      await api.ok('PutRecord', { StreamName: 'large', PartitionKey: 'k', Data });
    }
    const start = { StreamName: 'large', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await api.ok('GetShardIterator', start);
    const { Records } = await api.ok('GetRecords', { ShardIterator });

    expect(Records.map(({ Data }: { Data: string }) => Data)).toEqual(data);
    expect(s3.keys).toHaveLength(2);
  });
});
