import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../lib/configuration.ts';

const environment = {
  ACCOUNT_ID: '123456789012',
  AWS_REGION: 'eu-west-1',
  STREAMS_TABLE: 'streams',
  RECORDS_TABLE: 'records',
};

describe('the configuration', () => {
  it('has the values of Kinesis unless told otherwise, throttling on', () => {
    const { limits, account } = readConfiguration(environment);

    expect(account).toEqual({ accountId: '123456789012', region: 'eu-west-1' });
    expect(limits).toMatchObject({ throttling: true, shardRecordsPerSecond: 1000, maxRecordKiB: 1024 });
  });

  it('changes limits by their names', () => {
    const LIMITS = '{"shardRecordsPerSecond":500,"maxRecordKiB":10240}';

    expect(readConfiguration({ ...environment, LIMITS }).limits).toMatchObject({
      shardRecordsPerSecond: 500,
      shardBytesPerSecond: 1024 * 1024,
      maxRecordKiB: 10_240,
    });
  });

  it.each([
    [{ THROTTLING: 'maybe' }, "THROTTLING must be one of on, off, not 'maybe'"],
    [{ TRANSITION_MS: '1s' }, "TRANSITION_MS must be a whole number from 0 to 9007199254740991, not '1s'"],
    [{ LIMITS: '[]' }, 'LIMITS must be a JSON object such as'],
    [{ LIMITS: '{' }, 'LIMITS must be a JSON object such as'],
    [{ LIMITS: '{"shards":1}' }, "LIMITS names 'shards', which is none of shardRecordsPerSecond,"],
    [{ LIMITS: '{"bodyBytes":0.5}' }, 'LIMITS must give whole numbers from 1 on, not 0.5 for bodyBytes'],
    [{ ACCOUNT_ID: '1' }, "ACCOUNT_ID must be an account id of 12 digits, not '1'"],
    [{ AWS_REGION: 'here' }, "AWS_REGION must be a region such as us-east-1, not 'here'"],
    [{ STREAMS_TABLE: undefined }, 'STREAMS_TABLE must be set'],
  ])('refuses %o with a sentence that names the variable', (changes, sentence) => {
    expect(() => readConfiguration({ ...environment, ...changes })).toThrow(sentence);
  });

  it.each([
    [{ LIMITS: '{"retentionHours":23}' }, 'LIMITS must give at least 24 for retentionHours, not 23'],
    [{ LIMITS: '{"maxRetentionHours":1}' }, 'LIMITS must give at least 24 for maxRetentionHours, not 1'],
    [{ LIMITS: '{"putRecordsBytes":10485761}' }, 'LIMITS must give at most 10485760 for putRecordsBytes, not 10485761'],
    [{ LIMITS: '{"maxRecordKiB":10241}' }, 'LIMITS must give at most 10240 for maxRecordKiB, not 10241'],
  ])('[E8] refuses %o, which the log could not keep its promises with', (changes, sentence) => {
    expect(() => readConfiguration({ ...environment, ...changes })).toThrow(sentence);
  });
});
