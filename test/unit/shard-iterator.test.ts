import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatShardIterator, parseShardIterator } from '../../lib/model/shard-iterator.ts';
import { TokenCipher } from '../../lib/model/token-cipher.ts';

const cipher = new TokenCipher(randomBytes(32));

const iterators = fc.record(
  {
    streamName: fc.stringMatching(/^[a-zA-Z0-9_.-]{1,128}$/),
    streamId: fc.stringMatching(/^[a-zA-Z0-9_-]{12}$/),
    shardIndex: fc.integer({ min: 0, max: 0x7fffffff }),
    position: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    offset: fc.integer({ min: 0, max: 1024 }),
    issuedMs: fc.integer({ min: 0, max: 8.64e15 }),
    notBeforeMs: fc.integer({ min: -8.64e15, max: 8.64e15 }),
  },
  { requiredKeys: ['streamName', 'streamId', 'shardIndex', 'position', 'offset', 'issuedMs'] },
);

describe('shard iterators', () => {
  it('come back as they were made', () => {
    fc.assert(
      fc.property(iterators, (iterator) => {
        expect(parseShardIterator(cipher, formatShardIterator(cipher, iterator))).toEqual(iterator);
      }),
    );
  });

  it("have the real service's outer shape and fit what clients may send", () => {
    fc.assert(
      fc.property(iterators, (iterator) => {
        const text = formatShardIterator(cipher, iterator);
        const bytes = Buffer.from(text, 'base64');

        expect(bytes.toString('base64')).toBe(text);
        expect(text.length).toBeLessThanOrEqual(512);
        expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]));
        expect((bytes.length - 152) % 16).toBe(0);
        expect(bytes.length).toBeGreaterThanOrEqual(152);
        expect(bytes.length).toBeLessThanOrEqual(280);
      }),
    );
  });

  const example = {
    streamName: 's',
    streamId: 'abcdefghijkl',
    shardIndex: 1,
    position: 2,
    offset: 3,
    issuedMs: 4,
  };

  it('are accepted in double quotes', () => {
    expect(parseShardIterator(cipher, `"${formatShardIterator(cipher, example)}"`)).toEqual(example);
  });

  it('never look alike, even for one place', () => {
    expect(formatShardIterator(cipher, example)).not.toBe(formatShardIterator(cipher, example));
  });

  it('do not open when any single bit is changed', () => {
    const bytes = Buffer.from(formatShardIterator(cipher, example), 'base64');

    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(parseShardIterator(cipher, altered.toString('base64'))).toBeUndefined();
    }
  });

  it('do not open with another key, nor for another purpose', () => {
    expect(parseShardIterator(new TokenCipher(randomBytes(32)), formatShardIterator(cipher, example))).toBeUndefined();
    expect(cipher.decrypt('another purpose', cipher.encrypt('a purpose', Buffer.from('x')))).toBeUndefined();
  });

  it('of any text at all open or do not, and never throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String({ maxLength: 512 })), (text) => {
        expect(parseShardIterator(cipher, text)).toBeUndefined();
      }),
    );
  });
});
