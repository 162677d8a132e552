import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryBatches } from '../../lib/store/batch-item.ts';
import { listStreams } from '../../lib/store/stream-item.ts';
import { base64, TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';
import { until } from '../support/until.ts';

const clock = new TestClock();
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ clock });
});

afterAll(() => api.close());

const ACCOUNT = 'under account 000000000000';
const arn = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
const summary = async (StreamName: string) =>
  (await api.ok('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary;
const invalid = (message: string) => ({ __type: 'InvalidArgumentException', message });

describe('tags of a stream', () => {
  const add = (Tags: object, StreamName = 'tags') => api.call('AddTagsToStream', { StreamName, Tags });
  const list = (input: object = {}) => api.ok('ListTagsForStream', { StreamName: 'tags', ...input });

  beforeAll(() => api.createStream('tags'));

  it('are added, overwritten, listed by key and removed', async () => {
    expect((await api.ok('ListTagsForStream', { StreamName: 'tags' })).Tags).toEqual([]);
    expect((await add({ b: '1', a: '', C: 'x:y' })).text).toBe('');
    await add({ b: '2' });

    expect(await list()).toEqual({
      Tags: [
        { Key: 'C', Value: 'x:y' },
        { Key: 'a', Value: '' },
        { Key: 'b', Value: '2' },
      ],
      HasMoreTags: false,
    });
    expect(await list({ Limit: 1, ExclusiveStartTagKey: 'C' })).toEqual({
      Tags: [{ Key: 'a', Value: '' }],
      HasMoreTags: true,
    });
    expect((await api.call('RemoveTagsFromStream', { StreamName: 'tags', TagKeys: ['a', 'none'] })).text).toBe('');
    expect((await list()).Tags).toHaveLength(2);
  });

  it('are the same through the operations on resources', async () => {
    const ResourceARN = arn('tags');
    await api.ok('TagResource', { ResourceARN, Tags: { shared: 'yes' } });
    expect((await list({ ExclusiveStartTagKey: 'c' })).Tags).toEqual([{ Key: 'shared', Value: 'yes' }]);

    await api.ok('UntagResource', { ResourceARN, TagKeys: ['shared', 'b', 'C'] });

    expect(await api.ok('ListTagsForResource', { ResourceARN })).toEqual({ Tags: [] });
  });

  it('are refused in the order of the real service', async () => {
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, '']));
    const failed = `Failed to add tags to stream tags ${ACCOUNT} because`;

    expect((await add({ 'a;': '' }, 'none')).body.message).toBe(`Stream none ${ACCOUNT} not found.`);
    expect((await add({ 'a;%': '' })).body.message).toContain('Some tags contain invalid characters.');
    expect((await add({ '%': '' })).body.message).toContain(`${failed} some tags contained illegal characters.`);
    expect((await add(many)).body).toEqual(
      invalid(`${failed} a given stream cannot have more than 10 tags associated with it.`),
    );
    expect((await api.call('RemoveTagsFromStream', { StreamName: 'tags', TagKeys: ['%'] })).body.message).toContain(
      `Failed to remove tags from stream tags ${ACCOUNT} because some tags contained illegal characters.`,
    );
    expect((await list()).Tags).toEqual([]);
  });

  it('may have any key, those of Object.prototype too', async () => {
    const Tags = JSON.parse('{"__proto__":"a","constructor":"b"}');
    await api.createStream('odd-tags', 1, { Tags });
    await add(JSON.parse('{"toString":"c"}'), 'odd-tags');

    expect((await api.ok('ListTagsForStream', { StreamName: 'odd-tags' })).Tags).toEqual([
      { Key: '__proto__', Value: 'a' },
      { Key: 'constructor', Value: 'b' },
      { Key: 'toString', Value: 'c' },
    ]);
  });

  it('survive when many are added at once', async () => {
    const answers = await Promise.all(['p', 'q', 'r', 's'].map((key) => add({ [key]: key })));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await list()).Tags).toHaveLength(4);
  });
});

describe('the retention period', () => {
  const change = (direction: string, RetentionPeriodHours: number, StreamName = 'retention') =>
    api.call(`${direction}StreamRetentionPeriod`, { StreamName, RetentionPeriodHours });

  beforeAll(() => api.createStream('retention'));

  it.each([
    [
      'Increase',
      23,
      'Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
    ],
    [
      'Decrease',
      8761,
      'Maximum allowed retention period is 8760 hours. Requested retention period (8761 hours) is too long.',
    ],
    [
      'Decrease',
      25,
      'Requested retention period (25 hours) for stream retention can not be longer than existing retention period (24 hours). Use IncreaseRetentionPeriod API.',
    ],
  ])('%s to %i hours is refused', async (direction, hours, message) => {
    expect((await change(direction, hours)).body).toEqual(invalid(message));
  });

  it('is told of a missing stream before of the hours', async () => {
    expect((await change('Increase', 1, 'none')).body.message).toBe(`Stream none ${ACCOUNT} not found.`);
  });

  it('changes at once, and equal is no error', async () => {
    expect((await change('Increase', 24)).status).toBe(200);
    expect((await change('Increase', 48)).text).toBe('');
    expect((await summary('retention')).RetentionPeriodHours).toBe(48);
    expect((await change('Increase', 47)).body.message).toContain('can not be shorter than existing retention period');
    expect((await change('Decrease', 24)).status).toBe(200);
    expect((await summary('retention')).RetentionPeriodHours).toBe(24);
  });

  it('increased really keeps what is stored, decreased really hides it', async () => {
    await api.createStream('kept');
    await api.ok('PutRecord', { StreamName: 'kept', PartitionKey: 'k', Data: base64('old') });
    const { tables } = api.rivulet.store;
    const { streams } = await listStreams(tables, { after: 'kepr', limit: 1 });
    const shard = { streamId: streams[0]?.id ?? '', shardIndex: 0 };
    const expiry = async () =>
      (await queryBatches(tables, shard, 1, { limit: 1, consistent: true })).batches[0]?.ttl ?? 0;
    const before = await expiry();

    await change('Increase', 48, 'kept');
    await until(async () => (await expiry()) !== before);
    clock.pass(30 * 3_600_000);
    const read = async () => {
      const { ShardIterator } = await api.ok('GetShardIterator', {
        StreamName: 'kept',
        ShardId: '0',
        ShardIteratorType: 'TRIM_HORIZON',
      });
      return (await api.ok('GetRecords', { ShardIterator })).Records.length;
    };

    expect((await expiry()) - before).toBe(24 * 3_600);
    expect(await read()).toBe(1);
    await change('Decrease', 24, 'kept');
    expect(await read()).toBe(0);
  });
});

describe('encryption', () => {
  const key = { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' };

  it('is shown, and marks what is put from then on', async () => {
    await api.createStream('secret');
    const put = async () => api.ok('PutRecord', { StreamName: 'secret', PartitionKey: 'k', Data: base64('x') });
    const plain = await put();
    expect((await api.call('StartStreamEncryption', { StreamName: 'secret', ...key })).text).toBe('');
    await api.inStatus('secret', 'ACTIVE');
    const encrypted = await put();
    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName: 'secret',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const { Records } = await api.ok('GetRecords', { ShardIterator });

    expect(plain).not.toHaveProperty('EncryptionType');
    expect(encrypted.EncryptionType).toBe('KMS');
    expect(Records.map((r: { EncryptionType?: string }) => r.EncryptionType)).toEqual([undefined, 'KMS']);
    expect(await summary('secret')).toMatchObject(key);
    expect(
      await api.ok('PutRecords', { StreamName: 'secret', Records: [{ PartitionKey: 'k', Data: '' }] }),
    ).toMatchObject({ EncryptionType: 'KMS' });

    await api.ok('StopStreamEncryption', { StreamName: 'secret', ...key });
    await api.inStatus('secret', 'ACTIVE');
    expect(await summary('secret')).toMatchObject({ EncryptionType: 'NONE' });
    expect(await summary('secret')).not.toHaveProperty('KeyId');
  });

  it('wants KMS, and a key that could be one', async () => {
    await api.createStream('keys');
    const start = async (input: object) =>
      (await api.call('StartStreamEncryption', { StreamName: 'keys', ...key, ...input })).body.__type;

    expect(await start({ EncryptionType: 'NONE' })).toBe('InvalidArgumentException');
    expect(await start({ KeyId: 'no key' })).toBe('KMSNotFoundException');
  });
});

describe('enhanced monitoring', () => {
  it('tells the metrics before and after; ALL stands for the seven', async () => {
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

  it('takes only metrics that there are', async () => {
    const { body } = await api.call('EnableEnhancedMonitoring', {
      StreamName: 'metrics',
      ShardLevelMetrics: ['Other'],
    });

    expect(body.message).toContain(
      "Value '[Other]' at 'shardLevelMetrics' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [",
    );
  });
});

describe('the mode and the record size', () => {
  it('change through UPDATING, and the shards stay', async () => {
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

  it('lets larger records in once the stream takes them', async () => {
    await api.createStream('size');
    const put = () =>
      api.call('PutRecord', {
        StreamName: 'size',
        PartitionKey: 'k',
        Data: Buffer.alloc(2_000_000).toString('base64'),
      });
    expect((await put()).body.__type).toBe('ValidationException');

    await api.ok('UpdateMaxRecordSize', { StreamARN: arn('size'), MaxRecordSizeInKiB: 2_048 });
    await api.inStatus('size', 'ACTIVE');

    expect((await put()).status).toBe(200);
    expect((await summary('size')).MaxRecordSizeInKiB).toBe(2_048);
    expect((await api.call('UpdateMaxRecordSize', { StreamARN: arn('size'), MaxRecordSizeInKiB: 1 })).body.__type).toBe(
      'ValidationException',
    );
  });
});

describe('a change by another process', () => {
  it('of the record size is known before a record is refused', async () => {
    const other = await TestApi.start({ clock, store: api.rivulet.store });
    await api.createStream('elsewhere');
    const put = (size: number) =>
      other.call('PutRecord', {
        StreamName: 'elsewhere',
        PartitionKey: 'k',
        Data: Buffer.alloc(size).toString('base64'),
      });
    expect((await put(1)).status).toBe(200);
    await api.ok('UpdateMaxRecordSize', { StreamARN: arn('elsewhere'), MaxRecordSizeInKiB: 2_048 });
    await api.inStatus('elsewhere', 'ACTIVE');

    expect((await put(1_500_000)).status).toBe(200);
    await other.close();
  });
});

describe('a stream that is not ACTIVE', () => {
  let sleeping: TestApi;

  beforeAll(async () => {
    sleeping = await TestApi.start({ settle: () => new Promise(() => {}) });
    await sleeping.ok('CreateStream', { StreamName: 'unborn', ShardCount: 1 });
  });

  afterAll(() => sleeping.close());

  it.each([
    ['SplitShard', { ShardToSplit: '0', NewStartingHashKey: '5' }],
    ['MergeShards', { ShardToMerge: '0', AdjacentShardToMerge: '1' }],
    ['UpdateShardCount', { TargetShardCount: 1, ScalingType: 'UNIFORM_SCALING' }],
    ['StartStreamEncryption', { EncryptionType: 'KMS', KeyId: 'alias/a' }],
    ['StopStreamEncryption', { EncryptionType: 'KMS', KeyId: 'alias/a' }],
    ['EnableEnhancedMonitoring', { ShardLevelMetrics: ['ALL'] }],
    ['DisableEnhancedMonitoring', { ShardLevelMetrics: ['ALL'] }],
  ])('refuses %s', async (action, input) => {
    expect((await sleeping.call(action, { StreamName: 'unborn', ...input })).body).toEqual({
      __type: 'ResourceInUseException',
      message: `Stream unborn ${ACCOUNT} not ACTIVE, instead in state CREATING`,
    });
  });

  it.each([
    ['AddTagsToStream', { Tags: { a: 'b' } }],
    ['RemoveTagsFromStream', { TagKeys: ['a'] }],
    ['TagResource', { ResourceARN: arn('unborn'), Tags: { a: 'b' } }],
    ['UntagResource', { ResourceARN: arn('unborn'), TagKeys: ['a'] }],
    ['IncreaseStreamRetentionPeriod', { RetentionPeriodHours: 48 }],
    ['DecreaseStreamRetentionPeriod', { RetentionPeriodHours: 24 }],
  ])('refuses %s, which an UPDATING one would take', async (action, input) => {
    expect((await sleeping.call(action, { StreamName: 'unborn', ...input })).body).toEqual({
      __type: 'ResourceInUseException',
      message: `Stream unborn ${ACCOUNT} not ACTIVE or UPDATING, instead in state CREATING`,
    });
  });
});

describe('the account', () => {
  it('has limits and counts', async () => {
    expect(await api.ok('DescribeLimits', {})).toEqual({
      ShardLimit: 20_000,
      OpenShardCount: expect.any(Number),
      OnDemandStreamCount: 1,
      OnDemandStreamCountLimit: 50,
    });
  });

  it('begins and ends its billing commitment, which lasts a day at least', async () => {
    const update = async (Status: string) =>
      (await api.ok('UpdateAccountSettings', { MinimumThroughputBillingCommitment: { Status } }))
        .MinimumThroughputBillingCommitment;
    const describeIt = async () => (await api.ok('DescribeAccountSettings', {})).MinimumThroughputBillingCommitment;
    const refused = await api.call('UpdateStreamWarmThroughput', { StreamName: 'mode', WarmThroughputMiBps: 10 });

    expect(await describeIt()).toEqual({ Status: 'DISABLED' });
    expect(refused.body.__type).toBe('ValidationException');
    const enabled = await update('ENABLED');
    expect(enabled.Status).toBe('ENABLED');
    expect(enabled.EarliestAllowedEndAt - enabled.StartedAt).toBeCloseTo(86_400, 0);
    expect((await update('DISABLED')).Status).toBe('ENABLED_UNTIL_EARLIEST_ALLOWED_END');
    expect((await update('ENABLED')).Status).toBe('ENABLED');

    const warm = await api.ok('UpdateStreamWarmThroughput', { StreamName: 'mode', WarmThroughputMiBps: 10 });
    await api.inStatus('mode', 'ACTIVE');
    expect(warm).toEqual({ StreamARN: arn('mode'), StreamName: 'mode', WarmThroughput: { TargetMiBps: 10 } });
    expect((await summary('mode')).WarmThroughput).toEqual({ TargetMiBps: 10, CurrentMiBps: 10 });

    clock.pass(86_400_001);
    const DISABLED = { MinimumThroughputBillingCommitment: { Status: 'DISABLED' } };
    expect((await api.call('UpdateAccountSettings', DISABLED)).body.__type).toBe('ValidationException');
    expect((await describeIt()).Status).toBe('ENABLED');
    await api.ok('UpdateStreamWarmThroughput', { StreamName: 'mode', WarmThroughputMiBps: 0 });
    await api.inStatus('mode', 'ACTIVE');
    expect(await update('DISABLED')).toMatchObject({ Status: 'DISABLED', EndedAt: expect.any(Number) });
  });
});
