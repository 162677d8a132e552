import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { positionOfSequenceIndex, sequenceIndexOf } from '../../lib/model/position.ts';
import {
  endingSequenceNumber,
  formatSequenceNumber,
  formatSequenceNumbers,
  parseSequenceNumber,
  startingSequenceNumber,
} from '../../lib/model/sequence-number.ts';

const decimal = (hex: string) => BigInt(`0x${hex}`).toString();

const fields = fc.record({
  shardCreatedSeconds: fc.integer({ min: 0, max: 16025174999 }),
  shardIndex: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  sequenceIndex: fc.bigInt({ min: 0n, max: 0x7fffffffffffffffn }),
  timeSeconds: fc.integer({ min: 0, max: 16025174999 }),
});

describe('sequence numbers', () => {
  it.each([
    [1700000000, 0, 0n, 1700000000, '49646437577108476416916876405825929425585429676275269634'],
    [1700000000, 1, 0n, 1700000000, '49646437577130777162115407028967465143858078037781250066'],
    [1700000000, 0, 1n, 1700000005, '49646437577108476416916876405827138351405044649047359490'],
    [1700000101, 2, 0n, 1700000101, '49646437613191082148139424648830721590730485533618733090'],
  ])(
    'have the layout of the real service (%i, %i, %i, %i)',
    (shardCreatedSeconds, shardIndex, sequenceIndex, timeSeconds, number) => {
      expect(formatSequenceNumber({ shardCreatedSeconds, shardIndex, sequenceIndex, timeSeconds })).toBe(number);
    },
  );

  it('start and end a shard as on the real service', () => {
    expect(startingSequenceNumber(1700000000, 1)).toBe('49646437577130777162115407028967465143858078037781250066');
    expect(endingSequenceNumber(1700000000, 0, 1700000100)).toBe(
      '49646437577119626789516141717395488358902146099801227266',
    );
  });

  it('of neighbouring new shards differ by a constant', () => {
    const difference = BigInt(startingSequenceNumber(1700000000, 1)) - BigInt(startingSequenceNumber(1700000000, 0));

    expect(difference).toBe(22300745198530623141535718272648361505980432n);
  });

  it('parse back into what they were made of', () => {
    fc.assert(
      fc.property(fields, (parts) => {
        expect(parseSequenceNumber(formatSequenceNumber(parts))).toEqual({ version: 2, ...parts });
      }),
    );
  });

  it('order as their sequence indexes do within a shard, whatever the times', () => {
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        fc.pre(a.sequenceIndex < b.sequenceIndex);
        const later = { ...b, shardCreatedSeconds: a.shardCreatedSeconds, shardIndex: a.shardIndex };

        expect(BigInt(formatSequenceNumber(a))).toBeLessThan(BigInt(formatSequenceNumber(later)));
      }),
    );
  });

  it('of a batch are those of its records, one sequence index apart', () => {
    fc.assert(
      fc.property(fields, fc.integer({ min: 1, max: 20 }), (first, count) => {
        fc.pre(first.sequenceIndex < 1n << 62n);
        const single = Array.from({ length: count }, (_, i) =>
          formatSequenceNumber({ ...first, sequenceIndex: first.sequenceIndex + BigInt(i) }),
        );

        expect(formatSequenceNumbers(first, count)).toEqual(single);
      }),
    );
  });

  it.each([
    ['version 2, lowest', '20000000000000000000000000000000000000000000002', true],
    ['version 1', '20000000000000000000000000000000000000000000001', true],
    ['a negative shard index', '20000000000000000000000000000000000000800000002', true],
    ['version digit 0', '20000000000000000000000000000000000000000000000', false],
    ['version digit 3', '20000000000000000000000000000000000000000000003', false],
    ['version digit 4', '20000000000000000000000000000000000000000000004', false],
    ['first digit 3', '30000000000000000000000000000000000000000000002', false],
    ['first digit 1', '1ffffffffff7fffffffffffffff000000000007fffffff2', false],
    ['a sequence index of 64 bits', '20000000000800000000000000000000000000000000002', false],
    ['a creation time out of range, oldest layout', '13bb2cc3d80000000000000000000000', false],
    ['a creation time out of range', '2ffffffffff7fffffffffffffff000000000007fffffff2', false],
    ['zero', '0', true],
  ])('with %s parse or do not, as on the real service', (_what, hex, valid) => {
    expect(parseSequenceNumber(decimal(hex)) !== undefined).toBe(valid);
  });

  it('of any digits at all parse into parts or into nothing', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(0|[1-9]\d{0,128})$/), (text) => {
        expect([undefined, 0, 1, 2]).toContain(parseSequenceNumber(text)?.version);
      }),
    );
  });
});

describe('positions in sequence indexes', () => {
  it('come back, up to the greatest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 53 - 1 }), fc.integer({ min: 0, max: 1023 }), (position, offset) => {
        expect(positionOfSequenceIndex(sequenceIndexOf({ position, offset }))).toEqual({ position, offset });
      }),
    );
  });

  it('start at the first position for the indexes that no record has', () => {
    expect(positionOfSequenceIndex(0n)).toEqual({ position: 1, offset: 0 });
    expect(positionOfSequenceIndex(1n)).toEqual({ position: 1, offset: 0 });
  });
});
