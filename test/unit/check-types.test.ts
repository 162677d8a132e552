import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KinesisFault } from '../../lib/faults.ts';
import { cborTypes } from '../../lib/protocol/cbor.ts';
import { jsonTypes } from '../../lib/protocol/json.ts';
import { checkTypes, decodeBase64 } from '../../lib/schema/check-types.ts';
import { blob, boolean, integer, list, long, map, string, structure, timestamp } from '../../lib/schema/structure.ts';

const schema = structure({
  String: string({}),
  Integer: integer({}),
  Long: long({}),
  Boolean: boolean,
  Blob: blob({}),
  Timestamp: timestamp,
  List: list(string({})),
  Map: map({ key: string({}), value: string({}) }),
  Structure: structure({ Inner: string({}) }),
});

function sentenceFor(body: object, types = jsonTypes): string | undefined {
  try {
    checkTypes(schema, body, types);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(KinesisFault);
    expect(error).toMatchObject({ code: 'SerializationException', form: 'Message', status: 400 });
    return (error as KinesisFault).sentence;
  }
}

const LIST = 'Start of list found where not expected';
const MAP = 'Start of structure or map found where not expected.';
const NUM = 'class com.amazon.coral.value.json.numbers.TruncatingBigNumber';
const BOOL = 'class java.lang.Boolean';
const STR = 'class java.lang.String';

describe('a member of a wrong type', () => {
  it.each([
    [
      'String',
      [`${BOOL} can not be converted to an String`, `${NUM} can not be converted to an String`, undefined, LIST, MAP],
    ],
    [
      'Integer',
      [`${BOOL} can not be converted to an Integer`, undefined, `${STR} can not be converted to an Integer`, LIST, MAP],
    ],
    [
      'Long',
      [`${BOOL} can not be converted to an Long`, undefined, `${STR} can not be converted to an Long`, LIST, MAP],
    ],
    [
      'Boolean',
      [undefined, `${NUM} can not be converted to an Boolean`, "'TEXT' can not be converted to an Boolean", LIST, MAP],
    ],
    ['Blob', [`${BOOL} can not be converted to a Blob`, `${NUM} can not be converted to a Blob`, undefined, LIST, MAP]],
    [
      'Timestamp',
      [
        `${BOOL} can not be converted to milliseconds since epoch`,
        undefined,
        `${STR} can not be converted to milliseconds since epoch`,
        LIST,
        MAP,
      ],
    ],
    ['List', ['Expected list or null', 'Expected list or null', 'Expected list or null', undefined, MAP]],
    ['Map', ['Expected map or null', 'Expected map or null', 'Expected map or null', LIST, undefined]],
    ['Structure', ['Expected null', 'Expected null', 'Expected null', LIST, undefined]],
  ])('%s gets the sentence of what came instead', (member, sentences) => {
    expect([true, 1, 'text', [], {}].map((value) => sentenceFor({ [member]: value }))).toEqual(sentences);
  });

  it('is told of before any later one, in declared order', () => {
    expect(sentenceFor({ Integer: 'x', String: 1 })).toBe(`${NUM} can not be converted to an String`);
  });

  it('inside a list, a map or a structure is told without its path', () => {
    expect(sentenceFor({ List: ['ok', 1] })).toBe(`${NUM} can not be converted to an String`);
    expect(sentenceFor({ Map: { key: true } })).toBe(`${BOOL} can not be converted to an String`);
    expect(sentenceFor({ Structure: { Inner: [] } })).toBe(LIST);
  });

  it('never is null, nor one that the schema does not know', () => {
    const nulls = Object.fromEntries(Object.keys(schema.members).map((name) => [name, null]));

    expect(checkTypes(schema, { ...nulls, Unknown: 1 }, jsonTypes)).toEqual({});
  });

  it('in CBOR is also a byte string where a text is expected', () => {
    expect(sentenceFor({ String: Buffer.from('x') }, cborTypes)).toBe(MAP);
    expect(checkTypes(schema, { Blob: Buffer.from('x') }, cborTypes)).toEqual({ Blob: Buffer.from('x') });
  });
});

describe('values of the right type', () => {
  it.each([
    [1.9, 1],
    [-1.9, -1],
    [4e9, 2147483647],
    [-4e9, -2147483648],
    [Number.NaN, 0],
  ])('an integer %d becomes %i', (sent, checked) => {
    expect(checkTypes(schema, { Integer: sent }, jsonTypes)).toEqual({ Integer: checked });
  });

  it.each([
    ['true', true],
    ['YES', true],
    ['1', true],
    ['no', false],
    ['0', false],
    ['False', false],
  ])('a boolean may be the text %s', (sent, checked) => {
    expect(checkTypes(schema, { Boolean: sent }, jsonTypes)).toEqual({ Boolean: checked });
  });

  it('a timestamp is seconds in JSON and milliseconds in CBOR', () => {
    expect(checkTypes(schema, { Timestamp: 1700000000.123 }, jsonTypes)).toEqual({ Timestamp: 1700000000123 });
    expect(checkTypes(schema, { Timestamp: 1700000000123 }, cborTypes)).toEqual({ Timestamp: 1700000000123 });
  });

  it('a map may have any keys, those of Object.prototype too', () => {
    const body = JSON.parse('{"Map":{"__proto__":"a","constructor":"b"}}');

    expect(JSON.stringify(checkTypes(schema, body, jsonTypes))).toBe('{"Map":{"__proto__":"a","constructor":"b"}}');
  });

  it('members are only those of the body itself', () => {
    const inherited = structure({ toString: string({}), constructor: string({}) });

    expect(Object.keys(checkTypes(inherited, {}, jsonTypes))).toEqual([]);
  });
});

describe('base64', () => {
  const refused = (text: string) => {
    try {
      decodeBase64(text);
      return undefined;
    } catch (error) {
      return (error as KinesisFault).sentence;
    }
  };

  it.each([
    ['=', 'Base64 encoded length is expected a multiple of 4 bytes but found: 1'],
    ['YWJjZ', 'Base64 encoded length is expected a multiple of 4 bytes but found: 5'],
    ['YW=j', "Invalid Base64 character: '='"],
    ['YW\u00e9j', "Invalid Base64 character: '\u00e9'"],
    ['\u0141AAAAAAA', "Invalid Base64 character: '\u0141'"],
    ['YW-_', "Invalid Base64 character: '-'"],
    ['====', 'Invalid last non-pad Base64 character dectected'],
    ['AAAA====', 'Invalid last non-pad Base64 character dectected'],
    ['YWI=', undefined],
    ['YQ==', undefined],
    ['YWJ=', 'Invalid last non-pad Base64 character dectected'],
    ['YX==', 'Invalid last non-pad Base64 character dectected'],
    ['', undefined],
  ])('%j is refused as the real service does, or taken', (text, reason) => {
    expect(refused(text)).toBe(reason && `'${text}' can not be converted to a Blob: ${reason}`);
  });

  it('decodes what any bytes encode to', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(Buffer.from(decodeBase64(Buffer.from(bytes).toString('base64')))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('takes a text exactly when it is canonical', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9+/=]{0,12}$/), (text) => {
        expect(refused(text) === undefined).toBe(Buffer.from(text, 'base64').toString('base64') === text);
      }),
    );
  });
});
