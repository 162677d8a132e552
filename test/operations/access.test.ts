import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorize } from '../../lib/authorization/authorize.ts';
import type { PolicyDocument, Statement } from '../../lib/model/policy-document.ts';
import { formatShardIterator } from '../../lib/model/shard-iterator.ts';
import { registerStreamConsumer } from '../../lib/operations/consumers/register-stream-consumer.ts';
import { operations } from '../../lib/operations/index.ts';
import { putResourcePolicy } from '../../lib/operations/policies/put-resource-policy.ts';
import { listShards } from '../../lib/operations/shards/list-shards.ts';
import { ApiInstance } from '../support/api-instance.ts';
import { storeChoices, type TestStore } from '../support/engines.ts';
import { TestClock } from '../support/test-clock.ts';

const USER = 'arn:aws:iam::000000000000:user/somebody';
const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream';
const STREAM = `${ARN}/orders`;
const OTHER = `${ARN}/others`;

/**
 * A stand-in for the ARN of the stream's consumer. The ARN contains the time of registration, so it is not known here.
 */
const CONSUMER = 'the consumer';
const ITERATOR = 'an iterator of the stream';
const TOKEN = 'a token of the stream';

const NAME = { StreamName: 'orders' };
const BY_ARN = { StreamARN: STREAM };
const BY_ID = { StreamId: 'orders' };

/** Each operation, with each way to name its resource, and that resource. */
const WAYS: readonly (readonly [operation: string, input: Record<string, string>, resource: string | undefined])[] = [
  ...[
    ...['AddTagsToStream', 'CreateStream', 'DecreaseStreamRetentionPeriod', 'DeleteStream', 'DescribeStream'],
    ...['DescribeStreamSummary', 'DisableEnhancedMonitoring', 'EnableEnhancedMonitoring', 'GetShardIterator'],
    ...['IncreaseStreamRetentionPeriod', 'ListShards', 'ListTagsForStream', 'MergeShards', 'PutRecord', 'PutRecords'],
    ...['RemoveTagsFromStream', 'SplitShard', 'StartStreamEncryption', 'StopStreamEncryption', 'UpdateShardCount'],
    ...['UpdateStreamWarmThroughput'],
  ].map((operation) => [operation, NAME, STREAM] as const),
  ...[
    ...['AddTagsToStream', 'DecreaseStreamRetentionPeriod', 'DeleteStream', 'DescribeStream', 'DescribeStreamSummary'],
    ...['DisableEnhancedMonitoring', 'EnableEnhancedMonitoring', 'GetShardIterator', 'IncreaseStreamRetentionPeriod'],
    ...['ListShards', 'ListStreamConsumers', 'ListTagsForStream', 'MergeShards', 'PutRecord', 'PutRecords'],
    ...[
      'RegisterStreamConsumer',
      'RemoveTagsFromStream',
      'SplitShard',
      'StartStreamEncryption',
      'StopStreamEncryption',
    ],
    ...['UpdateMaxRecordSize', 'UpdateShardCount', 'UpdateStreamMode', 'UpdateStreamWarmThroughput'],
  ].map((operation) => [operation, BY_ARN, STREAM] as const),
  ...[
    'DescribeStream',
    'GetShardIterator',
    'ListShards',
    'PutRecord',
    'PutRecords',
    'DeleteStream',
    'SplitShard',
  ].flatMap((operation) => [[operation, BY_ID, undefined] as const, [operation, {}, undefined] as const]),
  ['ListShards', { NextToken: TOKEN }, STREAM],
  ['GetRecords', { ShardIterator: ITERATOR }, STREAM],
  ['GetRecords', { ShardIterator: 'none' }, undefined],
  ...['DescribeStreamConsumer', 'DeregisterStreamConsumer', 'SubscribeToShard'].map(
    (operation) => [operation, { ConsumerARN: CONSUMER }, CONSUMER] as const,
  ),
  ...['DescribeStreamConsumer', 'DeregisterStreamConsumer'].flatMap((operation) => [
    [operation, { ...BY_ARN, ConsumerName: 'reader' }, CONSUMER] as const,
    [operation, BY_ID, undefined] as const,
    [operation, {}, undefined] as const,
  ]),
  ...[
    ...['DeleteResourcePolicy', 'GetResourcePolicy', 'ListTagsForResource', 'PutResourcePolicy', 'TagResource'],
    'UntagResource',
  ].flatMap((operation) => [
    [operation, { ResourceARN: STREAM }, STREAM] as const,
    [operation, { ResourceARN: CONSUMER }, CONSUMER] as const,
  ]),
  ...['DescribeAccountSettings', 'DescribeLimits', 'ListStreams', 'UpdateAccountSettings'].map(
    (operation) => [operation, {}, '*'] as const,
  ),
];

const allow = (more: Partial<Statement>): Statement => ({ Effect: 'Allow', Action: 'kinesis:*', ...more });
const deny = (more: Partial<Statement>): Statement => ({ Effect: 'Deny', Action: 'kinesis:*', ...more });

describe('access', () => {
  let store: TestStore;
  let api: ApiInstance;
  const stands = new Map<string, string>();

  beforeAll(async () => {
    const [choice] = storeChoices();
    store = await (choice as NonNullable<typeof choice>).open();
    const clock = new TestClock();
    api = new ApiInstance(store.endpoint, clock);
    const { id } = await api.create('orders', 2);
    await api.create('others');
    const { Consumer } = await registerStreamConsumer.handle({ ...BY_ARN, ConsumerName: 'reader' }, api.deps);
    // The consumer is ACTIVE by then.
    clock.pass(60_000);
    const { NextToken = '' } = await listShards.handle({ ...NAME, MaxResults: 1 }, api.deps);
    const place = { streamName: 'orders', streamId: id, shardIndex: 0, position: 1, offset: 0 };
    stands.set(CONSUMER, Consumer.ConsumerARN);
    stands.set(TOKEN, NextToken);
    stands.set(ITERATOR, formatShardIterator(await api.deps.tokenCipher(), { ...place, issuedMs: api.deps.now() }));
  });

  afterAll(() => store.close());

  const real = (text: string) => stands.get(text) ?? text;

  /** Whether a key with a policy of some statements may make a call. */
  async function isAllowed(name: string, input: Record<string, string>, ...statements: Statement[]): Promise<boolean> {
    const policy: PolicyDocument = { Version: '2012-10-17', Statement: statements };
    const operation = operations.get(name) as NonNullable<ReturnType<typeof operations.get>>;
    const given = Object.fromEntries(Object.entries(input).map(([member, value]) => [member, real(value)]));
    try {
      await authorize({ accessKeyId: 'KEY', arn: USER, policy, context: {} as never }, operation, given, api.deps);
      return true;
    } catch (error) {
      expect((error as { code?: string }).code).toBe('AccessDeniedException');
      return false;
    }
  }

  it('is told of every operation', () => {
    expect([...new Set(WAYS.map(([operation]) => operation))].sort()).toEqual([...operations.keys()].sort());
  });

  describe.each(WAYS)('to %s by %o', (operation, input, resource) => {
    const everything = allow({ Resource: '*' });

    it('has who is allowed everything, and nobody who is allowed nothing, or something else', async () => {
      expect(await isAllowed(operation, input, everything)).toBe(true);
      expect(await isAllowed(operation, input)).toBe(false);
      expect(await isAllowed(operation, input, allow({ Resource: OTHER }))).toBe(false);
      expect(await isAllowed(operation, input, { ...everything, Action: 'kinesis:Other' })).toBe(false);
    });

    it('is denied to who is denied everything', async () => {
      expect(await isAllowed(operation, input, everything, deny({ Resource: '*' }))).toBe(false);
    });

    it('has who is allowed the very thing, and nobody who is denied it', async () => {
      const Resource = real(resource ?? STREAM);
      const isListed = resource !== undefined;
      expect(await isAllowed(operation, input, allow({ Resource }))).toBe(isListed);
      expect(await isAllowed(operation, input, everything, deny({ Resource }))).toBe(false);
    });

    it('has nobody who is allowed everything but that', async () => {
      expect(await isAllowed(operation, input, allow({ NotResource: real(resource ?? STREAM) }))).toBe(false);
    });
  });

  it.each(WAYS.filter(([, , resource]) => resource === CONSUMER))(
    'to %s by %o has nobody who is denied the stream, or allowed everything but the stream',
    async (operation, input) => {
      expect(await isAllowed(operation, input, allow({ Resource: '*' }), deny({ Resource: STREAM }))).toBe(false);
      expect(await isAllowed(operation, input, allow({ NotResource: STREAM }))).toBe(false);
      expect(await isAllowed(operation, input, allow({ Resource: STREAM }))).toBe(false);
    },
  );

  it.each([
    ['the stream', STREAM],
    ['the consumer', CONSUMER],
  ])('to a subscription has nobody whom the policy of %s denies it', async (_what, resource) => {
    const ResourceARN = real(resource);
    const everything = allow({ Resource: '*' });
    const Policy = JSON.stringify({ Statement: [deny({ Principal: { AWS: USER }, Resource: ResourceARN })] });
    expect(await isAllowed('SubscribeToShard', { ConsumerARN: CONSUMER }, everything)).toBe(true);
    await putResourcePolicy.handle({ ResourceARN, Policy }, api.deps);
    api.deps.catalog.forget('orders');

    expect(await isAllowed('SubscribeToShard', { ConsumerARN: CONSUMER }, everything)).toBe(false);

    await putResourcePolicy.handle(
      { ResourceARN, Policy: JSON.stringify({ Statement: [allow({ Principal: '*', Resource: ResourceARN })] }) },
      api.deps,
    );
    api.deps.catalog.forget('orders');
  });
});
