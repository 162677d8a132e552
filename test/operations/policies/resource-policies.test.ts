import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';
import { TestClock } from '../../support/test-clock.ts';

const clock = new TestClock();
let api: TestApi;

const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/consumed';
const TRANSITION_MS = 1_000;

beforeAll(async () => {
  api = await TestApi.start({ clock, environment: { TRANSITION_MS: String(TRANSITION_MS) } });
  await api.createStream('consumed');
});

afterAll(() => api.close());

describe('PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy', () => {
  let consumerArn: string;

  beforeAll(async () => {
    const { Consumer } = await api.ok('RegisterStreamConsumer', { StreamARN, ConsumerName: 'guarded' });
    consumerArn = Consumer.ConsumerARN;
    clock.pass(TRANSITION_MS);
  });

  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kinesis:*', Resource: '*' }],
  });

  it.each(['stream', 'consumer'])('set, return and remove the policy of a %s', async (kind) => {
    const ResourceARN = kind === 'stream' ? StreamARN : consumerArn;

    expect(await api.ok('GetResourcePolicy', { ResourceARN })).toEqual({ Policy: '{}' });
    expect((await api.call('PutResourcePolicy', { ResourceARN, Policy: policy })).text).toBe('');
    expect(await api.ok('GetResourcePolicy', { ResourceARN })).toEqual({ Policy: policy });
    expect((await api.call('DeleteResourcePolicy', { ResourceARN })).text).toBe('');
    expect(await api.ok('GetResourcePolicy', { ResourceARN })).toEqual({ Policy: '{}' });
    expect((await api.call('DeleteResourcePolicy', { ResourceARN })).body).toEqual({
      __type: 'ResourceNotFoundException',
      message: `No resource policy found for resource ARN ${ResourceARN}.`,
    });
  });

  it.each([
    '',
    'x',
    '[]',
    '{"Statement":[{"Effect":"Maybe"}]}',
    '{"Statement":"x"}',
    'null',
    `"${'x'.repeat(30_000)}"`,
  ])('refuse what is no policy document: %.20s', async (Policy) => {
    expect((await api.call('PutResourcePolicy', { ResourceARN: StreamARN, Policy })).body.__type).toBe(
      'InvalidArgumentException',
    );
  });
});
