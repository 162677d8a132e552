import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base64, TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});

afterAll(() => api.close());

const summary = async (StreamName: string) =>
  (await api.ok('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary;

describe('StartStreamEncryption and StopStreamEncryption', () => {
  const key = { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' };

  it('are shown, and mark what is put from then on', async () => {
    await api.createStream('secret');
    const put = async () => api.ok('PutRecord', { StreamName: 'secret', PartitionKey: 'k', Data: base64('x') });
    const plain = await put();
    expect((await api.call('StartStreamEncryption', { StreamName: 'secret', ...key })).text).toBe('');
    await api.inStatus('secret', 'ACTIVE');
    const encrypted = await put();
    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'secret',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const { Records } = await api.ok('GetRecords', { ShardIterator });

    expect(plain).not.toHaveProperty('EncryptionType');
    expect(encrypted.EncryptionType).toBe('KMS');
    expect(Records.map((r: { EncryptionType?: string }) => r.EncryptionType)).toEqual([undefined, 'KMS']);
    expect(await summary('secret')).toMatchObject(key);
    expect(
      await api.ok('PutRecords', { StreamName: 'secret', Records: [{ PartitionKey: 'k', Data: '' }] }),
    ).toMatchObject({ EncryptionType: 'KMS' });

    await api.ok('StopStreamEncryption', { StreamName: 'secret', ...key });
    await api.inStatus('secret', 'ACTIVE');
    expect(await summary('secret')).toMatchObject({ EncryptionType: 'NONE' });
    expect(await summary('secret')).not.toHaveProperty('KeyId');
  });

  it('want KMS, and a key that could be one', async () => {
    await api.createStream('keys');
    const start = async (input: object) =>
      (await api.call('StartStreamEncryption', { StreamName: 'keys', ...key, ...input })).body.__type;

    expect(await start({ EncryptionType: 'NONE' })).toBe('InvalidArgumentException');
    expect(await start({ KeyId: 'no key' })).toBe('KMSNotFoundException');
  });
});
