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

  it.each([
    [{ THROTTLING: 'maybe' }, "THROTTLING must be one of on, off, not 'maybe'"],
    [{ TRANSITION_MS: '1s' }, "TRANSITION_MS must be a whole number from 0 to 9007199254740991, not '1s'"],
    [{ MAX_RECORD_KIB: '20000' }, "MAX_RECORD_KIB must be a whole number from 1024 to 10240, not '20000'"],
    [{ ACCOUNT_ID: '1' }, "ACCOUNT_ID must be an account id of 12 digits, not '1'"],
    [{ AWS_REGION: 'here' }, "AWS_REGION must be a region such as us-east-1, not 'here'"],
    [{ STREAMS_TABLE: undefined }, 'STREAMS_TABLE must be set'],
  ])('refuses %o with a sentence that names the variable', (changes, sentence) => {
    expect(() => readConfiguration({ ...environment, ...changes })).toThrow(sentence);
  });
});
