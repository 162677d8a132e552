import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start();
  await api.createStream('two', 2);
});

afterAll(() => api.close());

const iterator = (input: object) =>
  api.call('GetShardIterator', { StreamName: 'two', ShardId: 'shardId-000000000000', ...input });

const invalid = (message: string) => ({ __type: 'InvalidArgumentException', message });

const SHARD = 'on shard shardId-000000000000 in stream two under account 000000000000';

describe('GetShardIterator', () => {
  it('answers an iterator and nothing else', async () => {
    expect(Object.keys((await iterator({ ShardIteratorType: 'LATEST' })).body)).toEqual(['ShardIterator']);
  });

  it.each(['ABC', 'shardId-002147483648', 'shardId-'])(
    'tells of the shard id %s before of the stream',
    async (ShardId) => {
      const { body } = await iterator({ ShardId, StreamName: 'none', ShardIteratorType: 'LATEST' });

      expect(body).toEqual({
        __type: 'ResourceNotFoundException',
        message: `Could not find shard ${ShardId} in stream none under account 000000000000.`,
      });
    },
  );

  it.each([
    ['two', '5', 'shardId-000000000005'],
    ['none', 'x-0', 'shardId-000000000000'],
  ])('tells of the shard when stream %s or shard %s is missing', async (StreamName, ShardId, named) => {
    const { body } = await iterator({ StreamName, ShardId, ShardIteratorType: 'LATEST' });

    expect(body).toEqual({
      __type: 'ResourceNotFoundException',
      message: `Shard ${named} in stream ${StreamName} under account 000000000000 does not exist`,
    });
  });

  const COMBINATION =
    'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or ' +
    '(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified';

  it.each([
    [
      { ShardIteratorType: 'LATEST', StartingSequenceNumber: '5' },
      `${COMBINATION} LATEST and also a StartingSequenceNumber.`,
    ],
    [{ ShardIteratorType: 'AT_SEQUENCE_NUMBER' }, `${COMBINATION} AT_SEQUENCE_NUMBER and no StartingSequenceNumber.`],
    [
      { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: '9'.repeat(60) },
      `StartingSequenceNumber ${'9'.repeat(60)} used in GetShardIterator ${SHARD} is invalid.`,
    ],
    [
      { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: '5' },
      'Invalid StartingSequenceNumber. It encodes shardId-000000000005, while it was used in a call to a shard with shardId-000000000000',
    ],
    [
      {
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        StartingSequenceNumber: '49646437577108476416916876405825929425585429676275269634',
      },
      `StartingSequenceNumber 49646437577108476416916876405825929425585429676275269634 used in GetShardIterator ${SHARD} is invalid because it did not come from this stream.`,
    ],
    [
      { ShardIteratorType: 'AT_TIMESTAMP' },
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
    ],
  ])('refuses %j', async (input, message) => {
    expect((await iterator(input)).body).toEqual(invalid(message));
  });

  it('refuses a time in the future, and fails on a number of the oldest layout', async () => {
    const future = await iterator({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: 4_000_000_000.5 });
    const oldest = await iterator({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: '0' });

    expect(future.body.message).toMatch(
      /^The timestampInMillis parameter cannot be greater than the currentTimestampInMillis\. timestampInMillis: 4000000000500, currentTimestampInMillis: \d{13}$/,
    );
    expect([oldest.status, oldest.body]).toEqual([500, { __type: 'InternalFailure' }]);
  });
});
