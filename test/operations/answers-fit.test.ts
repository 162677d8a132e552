import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatCbor } from '../../lib/protocol/cbor.ts';
import { formatJson } from '../../lib/protocol/json.ts';
import { bytesInResponse, ReadRecordShape } from '../../lib/reading/read-output.ts';
import { list, required, structure } from '../../lib/schema/structure.ts';
import { TestApi } from '../support/test-api.ts';

const Answer = structure({ Records: required(list(ReadRecordShape)) });

/** What a function's result has besides the records: the members around them, and the next iterator. */
const AROUND = 1_000;

/**
 * A key with characters of every kind that an encoding writes in its own way: controls, quotes, and characters of two,
 * three and four bytes.
 */
const anyKey = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\u0001', '"', '\\', '\n', 'a', 'é', '€', '😀'),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 128,
});
const anyRecord = fc.record({
  partitionKey: anyKey,
  data: fc.uint8Array({ maxLength: 700 }),
  encrypted: fc.boolean(),
});

describe('what a record takes of an answer', () => {
  it('is never less than it takes as a function returns it, in either encoding, and little more', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 30 }), (records) => {
        const Records = records.map(({ partitionKey, data, encrypted }) => ({
          SequenceNumber: '49646437577108476416916876405825929425585429676275269634',
          ApproximateArrivalTimestamp: 1_767_225_600_123,
          Data: data,
          PartitionKey: partitionKey,
          ...(encrypted && { EncryptionType: 'KMS' }),
        }));
        const json = Buffer.byteLength(JSON.stringify({ body: formatJson(Answer, { Records }) }));
        const cbor = Buffer.from(formatCbor(Answer, { Records })).toString('base64').length;
        const counted = records.reduce((sum, record) => sum + bytesInResponse(record), 0);

        // Around the list, there are about forty characters, whatever the list contains.
        expect(counted + 50).toBeGreaterThan(Math.max(json, cbor));
        // The count may include an encryption type that a record does not have. Lengths in CBOR may be shorter than
        // counted.
        expect(counted).toBeLessThan(json + cbor + records.length * 40);
      }),
    );
  });
});

describe('an answer of a front door with little room', () => {
  const ROOM = 20_000;
  let api: TestApi;

  beforeAll(async () => {
    api = await TestApi.start({ environment: { LIMITS: JSON.stringify({ answerBytes: ROOM }) } });
    await api.createStream('narrow');
  });
  afterAll(() => api.close());

  const start = async (more: object) => {
    const place = { StreamName: 'narrow', ShardId: '0', ...more };
    return (await api.ok('GetShardIterator', place)).ShardIterator;
  };

  it('fits, and goes on, whatever the records are', async () => {
    const Records = Array.from({ length: 100 }, (_, i) => ({
      Data: Buffer.from(`${i}`).toString('base64'),
      PartitionKey: '\u0001'.repeat(256),
    }));
    await api.ok('PutRecords', { StreamName: 'narrow', Records });
    let ShardIterator = await start({ ShardIteratorType: 'TRIM_HORIZON' });
    const read: string[] = [];

    while (read.length < 100) {
      const { text, body } = await api.call('GetRecords', { ShardIterator });
      expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(ROOM + AROUND);
      expect(body.Records.length).toBeGreaterThan(0);
      read.push(...body.Records.map(({ Data }: { Data: string }) => Buffer.from(Data, 'base64').toString()));
      ShardIterator = body.NextShardIterator;
    }

    expect(read).toEqual(Records.map((_, i) => `${i}`));
  });

  it('tells of a record that cannot fit, so that its reader can go on behind it', async () => {
    const put = (text: string) =>
      api.ok('PutRecord', { StreamName: 'narrow', PartitionKey: 'k', Data: Buffer.from(text).toString('base64') });
    const before = await put('before');
    const large = await put('l'.repeat(ROOM));
    await put('behind');
    const from = (type: string, StartingSequenceNumber: string) =>
      start({ ShardIteratorType: type, StartingSequenceNumber });

    const first = await api.ok('GetRecords', {
      ShardIterator: await from('AT_SEQUENCE_NUMBER', before.SequenceNumber),
    });
    const refused = await api.call('GetRecords', { ShardIterator: first.NextShardIterator });
    const behind = await api.ok('GetRecords', {
      ShardIterator: await from('AFTER_SEQUENCE_NUMBER', large.SequenceNumber),
    });

    expect(first.Records).toHaveLength(1);
    expect(refused.body.__type).toBe('InvalidArgumentException');
    expect(refused.body.message).toContain(large.SequenceNumber);
    expect(behind.Records.map(({ Data }: { Data: string }) => Buffer.from(Data, 'base64').toString())).toEqual([
      'behind',
    ]);
  });
});
