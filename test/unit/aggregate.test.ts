import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { PbfWriter } from 'pbf';
import { describe, expect, it } from 'vitest';
import { openAggregate, type PackedRecord } from '../../client/records/aggregate.ts';
import { decodeRecord } from '../../client/records/decode.ts';
import { nodeCodecs } from '../../client/records/node-codecs.ts';

/** Packs records as the Kinesis Producer Library does. */
function aggregate(records: readonly PackedRecord[]): Buffer {
  const keys = [...new Set(records.map(({ partitionKey }) => partitionKey))];
  const hashKeys = [...new Set(records.flatMap(({ explicitHashKey }) => explicitHashKey ?? []))];
  const message = new PbfWriter();
  for (const key of keys) {
    message.writeBytesField(1, Buffer.from(key));
  }
  for (const hashKey of hashKeys) {
    message.writeBytesField(2, Buffer.from(hashKey));
  }
  for (const { partitionKey, explicitHashKey, data } of records) {
    const inner = new PbfWriter();
    inner.writeVarintField(1, keys.indexOf(partitionKey));
    if (explicitHashKey !== undefined) {
      inner.writeVarintField(2, hashKeys.indexOf(explicitHashKey));
    }
    inner.writeBytesField(3, data);
    message.writeBytesField(3, inner.finish());
  }
  const bytes = message.finish();
  return Buffer.concat([Buffer.from('f3899ac2', 'hex'), bytes, createHash('md5').update(bytes).digest()]);
}

const packed = fc.record(
  {
    partitionKey: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    explicitHashKey: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String),
    data: fc.uint8Array({ maxLength: 50 }),
  },
  { requiredKeys: ['partitionKey', 'data'] },
);

describe('an aggregate of the Kinesis Producer Library', () => {
  it('gives every record back, in its order', () => {
    fc.assert(
      fc.property(fc.array(packed, { minLength: 1, maxLength: 20 }), (records) => {
        const opened = openAggregate(aggregate(records), nodeCodecs);

        expect(opened?.map(({ data, ...rest }) => ({ ...rest, data: [...data] }))).toEqual(
          records.map(({ data, ...rest }) => ({ ...rest, data: [...data] })),
        );
      }),
    );
  });

  it('is data like any other once a byte of it is changed', () => {
    const bytes = aggregate([{ partitionKey: 'a', data: Buffer.from('one') }]);
    for (let index = 0; index < bytes.length; index++) {
      const damaged = Buffer.from(bytes);
      damaged[index] = (damaged[index] ?? 0) ^ 1;

      expect(openAggregate(damaged, nodeCodecs)).toBeUndefined();
    }
  });

  it('that names a partition key which is not there is none', () => {
    const inner = new PbfWriter();
    inner.writeVarintField(1, 3);
    const message = new PbfWriter();
    message.writeBytesField(3, inner.finish());
    const bytes = message.finish();
    const made = Buffer.concat([Buffer.from('f3899ac2', 'hex'), bytes, createHash('md5').update(bytes).digest()]);

    expect(openAggregate(made, nodeCodecs)).toBeUndefined();
  });

  it('is shown as its records', () => {
    const bytes = aggregate([
      { partitionKey: 'a', data: Buffer.from('one') },
      { partitionKey: 'b', data: Buffer.from('{"two":2}') },
    ]);

    expect(decodeRecord('kpl', bytes, nodeCodecs)).toMatchObject([
      { partitionKey: 'a', data: { encoding: 'text', text: 'one' } },
      { partitionKey: 'b', data: { encoding: 'json', value: { two: 2 } } },
    ]);
  });
});

describe('any bytes', () => {
  it('are decoded to something that holds no control character, or stay bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const [decoded] = decodeRecord('key', bytes, nodeCodecs);

        if (decoded?.data.encoding === 'binary') {
          expect([...decoded.data.bytes]).toEqual([...bytes]);
        } else {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
          expect(decoded?.data.text).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f]/);
        }
      }),
    );
  });
});
