import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logRecord, packRecords, unpackRecords } from '../../lib/log/batch-body.ts';

const records = fc.array(
  fc
    .record(
      {
        partitionKey: fc.string({ minLength: 1, maxLength: 256, unit: 'grapheme' }),
        explicitHashKey: fc.stringMatching(/^(0|[1-9]\d{0,38})$/),
        data: fc.uint8Array({ maxLength: 2_000 }),
      },
      { requiredKeys: ['partitionKey', 'data'] },
    )
    .map(logRecord),
  { minLength: 1, maxLength: 40 },
);

const comparable = (list: readonly { readonly partitionKey: string; readonly data: Uint8Array }[]) =>
  list.map((record) => ({ ...record, data: Buffer.from(record.data).toString('hex') }));

describe('batch bodies', () => {
  it('give back the records that were packed, byte for byte', () => {
    fc.assert(
      fc.property(records, (packed) => {
        expect(comparable(unpackRecords(packRecords(packed), 0))).toEqual(comparable(packed));
      }),
    );
  });

  it('give back the records from an offset on', () => {
    fc.assert(
      fc.property(records, fc.nat({ max: 45 }), (packed, from) => {
        expect(comparable(unpackRecords(packRecords(packed), from))).toEqual(comparable(packed.slice(from)));
      }),
    );
  });

  it('are compressed when that makes them smaller, and only then', () => {
    const repetitive = [logRecord({ partitionKey: 'k', data: Buffer.alloc(10_000, 'abc') })];
    const random = [
      logRecord({
        partitionKey: 'k',
        data: Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7919) ^ (i * i))),
      }),
    ];

    expect(packRecords(repetitive).length).toBeLessThan(200);
    expect(packRecords(random).length).toBeLessThan(5_020);
  });

  it('that were cut off are refused', () => {
    const body = packRecords([logRecord({ partitionKey: 'key', data: Buffer.from('data') })]);

    expect(() => unpackRecords(body.subarray(0, body.length - 1), 0)).toThrow('ends early');
  });
});
