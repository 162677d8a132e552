import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
  await api.createStream('three', 3);
});

afterAll(() => api.close());

describe('DescribeStreamSummary', () => {
  it('tells counts instead of shards', async () => {
    const { StreamDescriptionSummary } = await api.ok('DescribeStreamSummary', { StreamName: 'three' });
    const { StreamCreationTimestamp: _, ...rest } = StreamDescriptionSummary;

    expect(rest).toEqual({
      StreamName: 'three',
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/three',
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      RetentionPeriodHours: 24,
      EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
      EncryptionType: 'NONE',
      OpenShardCount: 3,
      ConsumerCount: 0,
      MaxRecordSizeInKiB: 1024,
    });
  });

  it('of a stream that does not exist is told so', async () => {
    expect((await api.call('DescribeStreamSummary', { StreamName: 'none' })).body).toEqual({
      __type: 'ResourceNotFoundException',
      message: 'Stream none under account 000000000000 not found.',
    });
  });
});
