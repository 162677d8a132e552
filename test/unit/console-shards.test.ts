import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Shard } from '../../console/page/kinesis.ts';
import { areNeighbours, cutAt, fractionOf, hashKeyOf, rangeOf, shardWith } from '../../console/page/model/hash-key.ts';
import { pictureOf } from '../../console/page/model/shard-picture.ts';
import { shellWord, snippets } from '../../console/page/model/snippets.ts';
import { filled } from '../../console/page/model/templates.ts';
import { hashPartitionKey } from '../../lib/model/hash-key.ts';

const END = 2n ** 128n - 1n;

const shard = (id: number, start: bigint, end: bigint, parents: number[] = [], isOpen = true): Shard => ({
  ShardId: `shardId-${id}`,
  HashKeyRange: { StartingHashKey: `${start}`, EndingHashKey: `${end}` },
  SequenceNumberRange: { StartingSequenceNumber: '1', ...(!isOpen && { EndingSequenceNumber: '2' }) },
  ...(parents[0] !== undefined && { ParentShardId: `shardId-${parents[0]}` }),
  ...(parents[1] !== undefined && { AdjacentParentShardId: `shardId-${parents[1]}` }),
});

describe('a hash key of the console', () => {
  it('is that of the service', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        expect(hashKeyOf(key)).toBe(hashPartitionKey(key));
      }),
    );
  });
});

describe('a cut', () => {
  it('leaves each half at least one hash key, and lies where it is said', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, END - 1n),
        fc.bigInt(1n, END),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (start, length, part) => {
          const whole = shard(0, start, start + length > END ? END : start + length);
          const { start: first, end } = rangeOf(whole);
          const cut = cutAt(whole, part);

          expect(cut > first && cut <= end).toBe(true);
          expect(areNeighbours(shard(1, first, cut - 1n), shard(2, cut, end))).toBe(true);
        },
      ),
    );
    expect(fractionOf(cutAt(shard(0, 0n, END), 0.25))).toBeCloseTo(0.25, 6);
  });
});

describe('the picture of shards', () => {
  const half = 2n ** 127n;
  const shards = [
    shard(0, 0n, END, [], false),
    shard(1, 0n, half - 1n, [0], false),
    shard(2, half, END, [0]),
    shard(3, 0n, half / 2n - 1n, [1]),
    shard(4, half / 2n, half - 1n, [1]),
  ];

  it('has parents above children, and open shards down to the lower edge', () => {
    const { levels, placed, left } = pictureOf(shards);

    expect([levels, left]).toEqual([3, 0]);
    expect(placed.map((one) => [one.shard.ShardId, one.level, one.span, one.left, one.width])).toEqual([
      ['shardId-0', 0, 1, 0, 1],
      ['shardId-1', 1, 1, 0, 0.5],
      ['shardId-2', 1, 2, 0.5, 0.5],
      ['shardId-3', 2, 1, 0, 0.25],
      ['shardId-4', 2, 1, 0.25, 0.25],
    ]);
  });

  it('says how many old shards it leaves out', () => {
    const generations = Array.from({ length: 40 }, (_, index) =>
      shard(index, 0n, END, index === 0 ? [] : [index - 1], index === 39),
    );
    const { levels, placed, left } = pictureOf(generations);

    expect([levels, placed.length, left]).toEqual([12, 12, 28]);
  });

  it('finds the shard of a hash key', () => {
    expect(shardWith([shards[2], shards[3], shards[4]] as Shard[], half - 1n)?.ShardId).toBe('shardId-4');
    expect(shardWith([], 0n)).toBeUndefined();
  });
});

describe('a template', () => {
  it('is filled in, and everything else stays', () => {
    expect(filled('{{i}} {{ i }} {{random 3 3}} {{now}} {{other}} {i}', 7, 0)).toBe(
      '7 7 3 1970-01-01T00:00:00.000Z {{other}} {i}',
    );
    expect(filled('{{uuid}}', 1)).toMatch(/^[\da-f-]{36}$/);
    expect(filled('{{uuid}}', 1)).not.toBe(filled('{{uuid}}', 1));
  });

  it('gives a number within its bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: -1e6, max: 1e6 }), (a, b) => {
        const value = Number(filled(`{{random ${a} ${b}}}`, 1));

        expect(value).toBeGreaterThanOrEqual(Math.min(a, b));
        expect(value).toBeLessThanOrEqual(Math.max(a, b));
      }),
    );
  });
});

describe('a snippet', () => {
  const about = {
    endpoint: '',
    region: 'eu-west-1',
    regions: [],
    readOnly: false,
    consumerCosts: {},
    version: '0',
  } as const;

  it('names the endpoint and the profile, and keys only where any will do', () => {
    const local = snippets('orders', { ...about, kind: 'local', url: 'http://localhost:1', profile: undefined });
    const aws = snippets('orders', { ...about, kind: 'aws', url: undefined, profile: 'my profile' });

    for (const { code } of local) {
      expect(code).toMatch(/any/);
      expect(code).toContain('http://localhost:1');
    }
    for (const { code } of aws) {
      expect(code).not.toMatch(/\bany\b|localhost/);
      expect(code).toMatch(/orders/);
    }
    expect(aws[0]?.code).toContain("--profile 'my profile' --region eu-west-1");
  });

  it.each([
    ['plain', 'plain'],
    ["it's", `'it'\\''s'`],
    ['$(rm)', "'$(rm)'"],
    ['', "''"],
  ])('quotes for a shell: %s', (text, expected) => {
    expect(shellWord(text)).toBe(expected);
  });
});
