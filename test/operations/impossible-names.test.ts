import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../support/test-api.ts';

const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/';

/** Names that an ARN may contain, but that no stream can have. */
const NAMES = ['half-\ud800', 'ü', 'a%b', 'x'.repeat(500), 'a/b', '\u{1f600}'];

describe('a name that nothing can have', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await TestApi.start();
    await api.createStream('there');
  });

  afterAll(() => api.close());

  const calls = (name: string): [string, object][] => [
    ['DescribeStream', { StreamARN: ARN + name }],
    ['DescribeStreamSummary', { StreamARN: ARN + name }],
    ['PutRecord', { StreamARN: ARN + name, PartitionKey: 'a', Data: '' }],
    ['ListTagsForResource', { ResourceARN: ARN + name }],
    ['TagResource', { ResourceARN: ARN + name, Tags: { a: 'b' } }],
    ['GetResourcePolicy', { ResourceARN: ARN + name }],
    ['RegisterStreamConsumer', { StreamARN: ARN + name, ConsumerName: 'c' }],
    [
      'DescribeStreamConsumer',
      { StreamARN: `${ARN}there`, ConsumerName: 'c', ConsumerARN: `${ARN}there/consumer/${name}:1` },
    ],
    ['DeleteStream', { StreamARN: ARN + name }],
  ];

  it.each(NAMES)('is told as not found or not valid, and never as a fault: %j', async (name) => {
    for (const [action, input] of calls(name)) {
      const { status, body } = await api.call(action, input);
      expect([action, status, body.__type]).toEqual([
        action,
        400,
        expect.stringMatching(/NotFound|Invalid|Validation/),
      ]);
    }
    expect(api.logged).toEqual([]);
  });

  it('is no policy either where half a character stands in it', async () => {
    const statement = { Effect: 'Allow', Principal: '*', Action: 'kinesis:\ud800', Resource: `${ARN}there` };
    const Policy = `{"Statement":[${JSON.stringify(statement).replace('\\ud800', '\ud800')}]}`;

    expect((await api.call('PutResourcePolicy', { ResourceARN: `${ARN}there`, Policy })).body).toEqual({
      __type: 'InvalidArgumentException',
      message: 'Policy must be a JSON policy document.',
    });
  });
});
