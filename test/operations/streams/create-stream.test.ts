import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ environment: { LIMITS: '{"accountShards":40}' } });
});

afterAll(() => api.close());

describe('CreateStream', () => {
  it('answers nothing; the stream is CREATING, and then ACTIVE', async () => {
    const { answer, during } = await api.whileTransitionsAreHeld(async () => ({
      answer: await api.call('CreateStream', { StreamName: 'quick', ShardCount: 2 }),
      during: await api.ok('DescribeStreamSummary', { StreamName: 'quick' }),
    }));
    await api.inStatus('quick', 'ACTIVE');

    expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([
      200,
      '',
      'application/x-amz-json-1.1',
    ]);
    expect(during.StreamDescriptionSummary).toMatchObject({ StreamStatus: 'CREATING', OpenShardCount: 0 });
  });

  it('leaves the stream CREATING for the time that is set, at least', async () => {
    const slow = await TestApi.start({ settle: undefined, environment: { TRANSITION_MS: '300' } });
    const start = performance.now();

    await slow.createStream('slow');

    // Timers may fire a moment early.
    expect(performance.now() - start).toBeGreaterThan(290);
    await slow.close();
  });

  it('refuses a name that exists in any state', async () => {
    await api.ok('CreateStream', { StreamName: 'twice', ShardCount: 1 });

    expect((await api.call('CreateStream', { StreamName: 'twice', ShardCount: 1 })).body).toEqual({
      __type: 'ResourceInUseException',
      message: 'Stream twice under account 000000000000 already exists.',
    });
    await api.inStatus('twice', 'ACTIVE');
  });

  it('lets only one of two simultaneous calls create the stream', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => api.call('CreateStream', { StreamName: 'raced', ShardCount: 1 })),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
    await api.inStatus('raced', 'ACTIVE');
  });

  it('without a shard count and mode makes an on-demand stream of four shards', async () => {
    await api.ok('CreateStream', { StreamName: 'on-demand' });
    await api.inStatus('on-demand', 'ACTIVE');

    expect((await api.ok('DescribeStreamSummary', { StreamName: 'on-demand' })).StreamDescriptionSummary).toMatchObject(
      {
        OpenShardCount: 4,
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
      },
    );
  });

  it('refuses more shards than the account may have', async () => {
    const { body } = await api.call('CreateStream', { StreamName: 'large', ShardCount: 41 });

    expect(body.__type).toBe('LimitExceededException');
    expect(body.message).toMatch(
      /^This request would exceed the shard limit for the account 000000000000 in us-east-1\. Current shard count for the account: \d+\. Limit: 40\. Number of additional shards that would have resulted from this request: 41\. Refer to the AWS Service Limits page \(http:\/\/docs\.aws\.amazon\.com\/general\/latest\/gr\/aws_service_limits\.html\) for current limits and how to request higher limits\.$/,
    );
  });

  it.each([
    [
      { tag: 'a;b' },
      'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.',
    ],
    [
      { 'tag%': '' },
      "Failed to add tags to stream tagged under account 000000000000 because some tags contained illegal characters. The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.",
    ],
    [
      Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ''])),
      'Failed to add tags to stream tagged under account 000000000000 because a given stream cannot have more than 10 tags associated with it.',
    ],
  ])('refuses tags that AddTagsToStream would refuse', async (Tags, message) => {
    const { body } = await api.call('CreateStream', { StreamName: 'tagged', ShardCount: 1, Tags });

    expect(body).toEqual({ __type: 'InvalidArgumentException', message });
  });

  it('refuses a sixth stream in transition', async () => {
    const { body } = await api.whileTransitionsAreHeld(async () => {
      for (let i = 0; i < 5; i++) {
        await api.ok('CreateStream', { StreamName: `s${i}`, ShardCount: 1 });
      }
      return api.call('CreateStream', { StreamName: 's5', ShardCount: 1 });
    });

    expect(body).toEqual({
      __type: 'LimitExceededException',
      message:
        'This request would have exceed the limit on the number  of streams that can simultaneously be in CREATING or DELETING for the account 000000000000. Limit: 5.',
    });
  });

  it('checks types before constraints', async () => {
    expect((await api.call('CreateStream', { ShardCount: [], StreamName: '' })).body).toEqual({
      __type: 'SerializationException',
      Message: 'Start of list found where not expected',
    });
    expect((await api.call('CreateStream', { ShardCount: 0 })).body).toEqual({
      __type: 'ValidationException',
      message:
        "2 validation errors detected: Value '0' at 'shardCount' failed to satisfy constraint: Member must have value greater than or equal to 1; " +
        "Value null at 'streamName' failed to satisfy constraint: Member must not be null",
    });
  });
});
