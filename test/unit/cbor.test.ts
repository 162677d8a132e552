import { setImmediate as nextTurn } from 'node:timers/promises';
import * as cborg from 'cborg';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { cborTypes, formatCbor, formatLargeCbor, parseCbor } from '../../lib/protocol/cbor.ts';
import { formatJson, formatLargeJson, jsonTypes, parseJson } from '../../lib/protocol/json.ts';
import { checkTypes } from '../../lib/schema/check-types.ts';
import { blob, boolean, integer, list, long, map, string, structure, timestamp } from '../../lib/schema/structure.ts';

const schema = structure({
  Text: string({}),
  Whole: integer({}),
  Wide: long({}),
  Yes: boolean,
  Bytes: blob({}),
  At: timestamp,
  Texts: list(string({})),
  Pairs: map({ key: string({}), value: string({}) }),
  Inner: structure({ Bytes: blob({}), List: list(structure({ At: timestamp })) }),
});

const values = fc.record(
  {
    Text: fc.string({ unit: 'grapheme' }),
    Whole: fc.integer(),
    Wide: fc.maxSafeInteger(),
    Yes: fc.boolean(),
    Bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    At: fc.integer({ min: -8.64e14, max: 8.64e14 }),
    Texts: fc.array(fc.string()),
    Pairs: fc.dictionary(fc.string(), fc.string()),
    Inner: fc.record({
      Bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      List: fc.array(fc.record({ At: fc.integer({ min: 0, max: 4e12 }) })),
    }),
  },
  { requiredKeys: [] },
);

const plain = (value: object) => JSON.parse(JSON.stringify(value));

describe('a structure', () => {
  it('is the same after a round trip through CBOR', () => {
    fc.assert(
      fc.property(values, (value) => {
        const decoded = parseCbor(formatCbor(schema, value)) as object;

        expect(plain(checkTypes(schema, decoded, cborTypes))).toEqual(plain(value));
      }),
    );
  });

  it('is the same after a round trip through JSON', () => {
    fc.assert(
      fc.property(values, (value) => {
        const decoded = parseJson(formatJson(schema, value)) as object;

        expect(plain(checkTypes(schema, decoded, jsonTypes))).toEqual(plain(value));
      }),
    );
  });

  it('in CBOR has its timestamp as whole milliseconds behind tag 1', () => {
    expect(Buffer.from(formatCbor(structure({ At: timestamp }), { At: 1700000000123 })).toString('hex')).toBe(
      'bf624174c11b0000018bcfe5687bff',
    );
  });
});

describe('a large structure', () => {
  const records = structure({
    Records: list(structure({ Data: blob({}), Key: string({}) })),
    Names: list(string({})),
    Behind: long({}),
  });
  const large = fc.record(
    {
      Records: fc.array(
        fc.record({ Data: fc.uint8Array().map((bytes) => Buffer.from(bytes)), Key: fc.string({ unit: 'grapheme' }) }),
        { maxLength: 20 },
      ),
      Names: fc.array(fc.string(), { maxLength: 250 }),
      Behind: fc.maxSafeInteger(),
    },
    { requiredKeys: [] },
  );

  it('is written part by part as it is in one piece', async () => {
    await fc.assert(
      fc.asyncProperty(large, async (value) => {
        expect(await formatLargeJson(records, value)).toBe(formatJson(records, value));
        expect(Buffer.from(await formatLargeCbor(records, value))).toEqual(Buffer.from(formatCbor(records, value)));
      }),
    );
  });

  it.each([
    ['JSON', formatLargeJson],
    ['CBOR', formatLargeCbor],
  ])('lets others have their turn of the event loop while it is written in %s', async (_name, format) => {
    // The turn of the event loop that earlier writes used has ended.
    await nextTurn();
    // Each read of the clock seems to come 6 ms after the one before.
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      nowMs += 6;
      return nowMs;
    });
    let turns = 0;
    const count = () => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);

    await format(records, { Records: Array.from({ length: 400 }, () => ({ Data: Buffer.from('x'), Key: 'k' })) });
    clearImmediate(counting);
    clock.mockRestore();

    expect(turns).toBeGreaterThanOrEqual(20);
  });
});

describe('the CBOR reader', () => {
  it('reads what another implementation writes', () => {
    const document = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
        fc.array(tie('value'), { maxLength: 30 }),
        fc.dictionary(fc.string(), tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(document, (value) => {
        expect(parseCbor(cborg.encode(value))).toEqual(plain({ value }).value);
      }),
    );
  });

  it.each([
    ['a list of indefinite length', '9f0102ff', [1, 2]],
    ['a map of indefinite length', 'bf616101ff', { a: 1 }],
    ['a text in pieces', '7f61616162ff', 'ab'],
    ['bytes in pieces', '5f41004101ff', Buffer.from([0, 1])],
    ['a half float', 'f93e00', 1.5],
    ['a single float', 'fa3fc00000', 1.5],
    ['undefined', 'f7', null],
    ['a tagged number', 'c11a65530bc3', 0x65530bc3],
  ])('reads %s', (_what, hex, value) => {
    expect(parseCbor(Buffer.from(hex, 'hex'))).toEqual(value);
  });

  it.each([
    ['nothing', ''],
    ['an item cut off', '6261'],
    ['two items', '0101'],
    ['a lone break', 'ff'],
    ['a break in a definite list', '82ff01'],
    ['a map key that is no text', 'a10101'],
    ['a piece of another type', '7f4161ff'],
    ['a reserved length', '1c'],
    ['a list that claims four billion members', '9affffffff'],
    ['bytes that claim more than there are', '5affffffff00'],
    ['an unknown simple value', 'f0'],
  ])('refuses %s', (_what, hex) => {
    expect(() => parseCbor(Buffer.from(hex, 'hex'))).toThrow();
  });

  it('refuses what nests too deep, instead of running out of stack', () => {
    expect(() => parseCbor(Buffer.alloc(5_000_000, 0x81))).toThrow('nested too deep');
  });

  it('ends on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseCbor(bytes);
        } catch (error) {
          expect((error as Error).message).toMatch(/./);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
