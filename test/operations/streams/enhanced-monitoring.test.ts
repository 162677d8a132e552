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

describe('EnableEnhancedMonitoring and DisableEnhancedMonitoring', () => {
  it('return the metrics before and after; ALL stands for the seven', async () => {
    await api.createStream('metrics');
    const change = async (action: string, ShardLevelMetrics: string[]) => {
      const answer = await api.ok(action, { StreamName: 'metrics', ShardLevelMetrics });
      await api.inStatus('metrics', 'ACTIVE');
      return answer;
    };

    const enabled = await change('EnableEnhancedMonitoring', ['ALL']);
    const disabled = await change('DisableEnhancedMonitoring', ['IncomingBytes', 'IncomingRecords']);

    expect(enabled).toMatchObject({ StreamName: 'metrics', StreamARN: arn('metrics'), CurrentShardLevelMetrics: [] });
    expect(enabled.DesiredShardLevelMetrics).toHaveLength(7);
    expect(disabled.DesiredShardLevelMetrics).toEqual([
      'OutgoingBytes',
      'OutgoingRecords',
      'WriteProvisionedThroughputExceeded',
      'ReadProvisionedThroughputExceeded',
      'IteratorAgeMilliseconds',
    ]);
    expect((await summary('metrics')).EnhancedMonitoring).toEqual([
      { ShardLevelMetrics: disabled.DesiredShardLevelMetrics },
    ]);
  });

  it('take only metrics that there are', async () => {
    const { body } = await api.call('EnableEnhancedMonitoring', {
      StreamName: 'metrics',
      ShardLevelMetrics: ['Other'],
    });

    expect(body.message).toContain(
      "Value '[Other]' at 'shardLevelMetrics' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [",
    );
  });
});
