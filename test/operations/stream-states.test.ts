import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../support/test-api.ts';

const ACCOUNT = 'under account 000000000000';
const arn = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;

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
