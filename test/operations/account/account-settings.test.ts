import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';
import { TestClock } from '../../support/test-clock.ts';

const clock = new TestClock();
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ clock });
});

afterAll(() => api.close());

describe('UpdateAccountSettings and DescribeAccountSettings', () => {
  it('begin, describe and end the billing commitment, which lasts a day at least', async () => {
    await api.ok('CreateStream', { StreamName: 'mode', StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    await api.inStatus('mode', 'ACTIVE');
    const update = async (Status: string) =>
      (await api.ok('UpdateAccountSettings', { MinimumThroughputBillingCommitment: { Status } }))
        .MinimumThroughputBillingCommitment;
    const describeIt = async () => (await api.ok('DescribeAccountSettings', {})).MinimumThroughputBillingCommitment;

    expect(await describeIt()).toEqual({ Status: 'DISABLED' });
    const enabled = await update('ENABLED');
    expect(enabled.Status).toBe('ENABLED');
    expect(enabled.EarliestAllowedEndAt - enabled.StartedAt).toBeCloseTo(86_400, 0);
    expect((await update('DISABLED')).Status).toBe('ENABLED_UNTIL_EARLIEST_ALLOWED_END');
    expect((await update('ENABLED')).Status).toBe('ENABLED');

    await api.ok('UpdateStreamWarmThroughput', { StreamName: 'mode', WarmThroughputMiBps: 10 });
    await api.inStatus('mode', 'ACTIVE');
    clock.pass(86_400_001);
    const DISABLED = { MinimumThroughputBillingCommitment: { Status: 'DISABLED' } };
    expect((await api.call('UpdateAccountSettings', DISABLED)).body.__type).toBe('ValidationException');
    expect((await describeIt()).Status).toBe('ENABLED');
    await api.ok('UpdateStreamWarmThroughput', { StreamName: 'mode', WarmThroughputMiBps: 0 });
    await api.inStatus('mode', 'ACTIVE');
    expect(await update('DISABLED')).toMatchObject({ Status: 'DISABLED', EndedAt: expect.any(Number) });
  });
});
