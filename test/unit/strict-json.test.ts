import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictly } from '../../lib/model/strict-json.ts';

describe('JSON that is read strictly', () => {
  it('is what JSON is, where no object has two members of one name', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        expect(parseStrictly(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['two members of one name', '{"a":1,"a":1}'],
    ['two that are written differently', '{"a":1,"\\u0061":2}'],
    ['two deep inside', '[{"b":{"c":{"a":1,"x":[{}],"a":2}}}]'],
    ['two with blanks', '{"a" : 1 ,\n"a"\t: 2}'],
    ['half a surrogate', '{"a":"\ud800"}'],
    ['something else behind it', '{} {}'],
    ['nothing', ''],
  ])('is nothing with %s', (_what, text) => {
    expect(parseStrictly(text)).toBeUndefined();
  });

  it.each(['{"a":{"a":{"a":1}}}', '[{"a":1},{"a":1}]', '{"a":"{\\"b\\":1,\\"b\\":1}"}', '{"a":["a","a"]}'])(
    'may have one name in different places: %s',
    (text) => {
      expect(parseStrictly(text)).toEqual(JSON.parse(text));
    },
  );
});
