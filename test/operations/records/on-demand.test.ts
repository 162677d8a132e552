import { describe, expect, it } from 'vitest';
import { base64, TestApi } from '../../support/test-api.ts';
import { until } from '../../support/until.ts';

describe('an on-demand stream', () => {
  it('splits the shards that had to refuse records', async () => {
    const strict = await TestApi.start({ environment: { THROTTLING: 'on' } });
    await strict.ok('CreateStream', { StreamName: 'hot', StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    await strict.inStatus('hot', 'ACTIVE');
    const Records = Array.from({ length: 3 }, () => ({ PartitionKey: 'k', Data: base64('x'.repeat(500_000)) }));

    const { FailedRecordCount } = await strict.ok('PutRecords', { StreamName: 'hot', Records });

    expect(FailedRecordCount).toBe(1);
    await until(async () => {
      const { body } = await strict.call('DescribeStreamSummary', { StreamName: 'hot' });
      return body.StreamDescriptionSummary?.OpenShardCount === 5;
    });
    await strict.inStatus('hot', 'ACTIVE');
    await strict.close();
  });
});
