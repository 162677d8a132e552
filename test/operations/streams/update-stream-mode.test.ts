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

describe('UpdateStreamMode', () => {
  it('takes the stream through UPDATING, and leaves its shards', async () => {
    await api.createStream('mode', 2);
    const input = { StreamARN: arn('mode'), StreamModeDetails: { StreamMode: 'ON_DEMAND' } };
    const { answer, during } = await api.whileTransitionsAreHeld(async () => ({
      answer: await api.call('UpdateStreamMode', input),
      during: await summary('mode'),
    }));
    await api.inStatus('mode', 'ACTIVE');
    const again = await api.call('UpdateStreamMode', input);

    expect([answer.text, during.StreamStatus]).toEqual(['', 'UPDATING']);
    expect(await summary('mode')).toMatchObject({ StreamModeDetails: { StreamMode: 'ON_DEMAND' }, OpenShardCount: 2 });
    expect([again.status, (await summary('mode')).StreamStatus]).toEqual([200, 'ACTIVE']);
  });
});
