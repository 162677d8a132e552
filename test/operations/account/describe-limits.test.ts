import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
});

afterAll(() => api.close());

describe('DescribeLimits', () => {
  it('returns limits and counts', async () => {
    await api.createStream('provisioned', 3);
    await api.ok('CreateStream', { StreamName: 'on-demand', StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    await api.inStatus('on-demand', 'ACTIVE');

    expect(await api.ok('DescribeLimits', {})).toEqual({
      ShardLimit: 20_000,
      OpenShardCount: 7,
      OnDemandStreamCount: 1,
      OnDemandStreamCountLimit: 50,
    });
  });
});
