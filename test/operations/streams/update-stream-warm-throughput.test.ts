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

const update = (StreamName: string, WarmThroughputMiBps: number) =>
  api.call('UpdateStreamWarmThroughput', { StreamName, WarmThroughputMiBps });

describe('UpdateStreamWarmThroughput', () => {
  beforeAll(async () => {
    await api.createStream('provisioned');
    await api.ok('CreateStream', { StreamName: 'warm', StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
    await api.inStatus('warm', 'ACTIVE');
  });

  it('needs an on-demand stream, and the billing commitment of the account', async () => {
    expect((await update('provisioned', 10)).body.__type).toBe('ValidationException');
    expect((await update('warm', 10)).body.__type).toBe('ValidationException');
  });

  it('sets the target at once, and the current throughput with the end of UPDATING', async () => {
    await api.ok('UpdateAccountSettings', { MinimumThroughputBillingCommitment: { Status: 'ENABLED' } });

    const { answer, during } = await api.whileTransitionsAreHeld(async () => ({
      answer: await update('warm', 10),
      during: await summary('warm'),
    }));
    await api.inStatus('warm', 'ACTIVE');

    expect(answer.body).toEqual({ StreamARN: arn('warm'), StreamName: 'warm', WarmThroughput: { TargetMiBps: 10 } });
    expect([during.StreamStatus, during.WarmThroughput]).toEqual(['UPDATING', { TargetMiBps: 10 }]);
    expect((await summary('warm')).WarmThroughput).toEqual({ TargetMiBps: 10, CurrentMiBps: 10 });
  });

  it('refuses more than 10 GiB a second', async () => {
    await api.ok('UpdateAccountSettings', { MinimumThroughputBillingCommitment: { Status: 'ENABLED' } });

    expect((await update('warm', 10_241)).body.__type).toBe('ValidationException');
  });
});
