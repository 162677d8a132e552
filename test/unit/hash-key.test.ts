import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HASH_KEY_SPACE, hashPartitionKey, MAX_HASH_KEY, tileHashKeySpace } from '../../lib/model/hash-key.ts';
import { shardForHashKey } from '../../lib/model/shard.ts';

describe('the hash key ranges of a new stream', () => {
  it('tile the key space for every shard count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), (shardCount) => {
        const ranges = tileHashKeySpace(shardCount);

        expect(ranges).toHaveLength(shardCount);
        expect(ranges[0]?.start).toBe(0n);
        expect(ranges.at(-1)?.end).toBe(MAX_HASH_KEY);
        for (let i = 1; i < ranges.length; i++) {
          expect(ranges[i]?.start).toBe((ranges[i - 1]?.end ?? 0n) + 1n);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('of three shards are those of the real service', () => {
    expect(tileHashKeySpace(3).map(({ start, end }) => [start.toString(), end.toString()])).toEqual([
      ['0', '113427455640312821154458202477256070484'],
      ['113427455640312821154458202477256070485', '226854911280625642308916404954512140969'],
      ['226854911280625642308916404954512140970', '340282366920938463463374607431768211455'],
    ]);
  });
});

describe('a partition key', () => {
  it.each([
    ['a', 16955237001963240173058271559858726497n, 0],
    ['b', 195289424170611159128911017612795795343n, 1],
    ['e', 299611584147932843547128611849858313266n, 2],
    ['f', 190917122200326810055233066464581373159n, 1],
  ])('%s has its MD5 as hash key and goes to the shard that covers it', (partitionKey, hashKey, index) => {
    const shards = tileHashKeySpace(3).map((hashKeyRange, i) => ({
      index: i,
      hashKeyRange,
      state: 'OPEN' as const,
      createdSeconds: 1,
    }));

    expect(hashPartitionKey(partitionKey)).toBe(hashKey);
    expect(shardForHashKey(shards, hashKey)?.index).toBe(index);
  });

  it('finds exactly the shard whose range holds its hash key, for any key and shard count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.bigInt({ min: 0n, max: HASH_KEY_SPACE - 1n }), (count, key) => {
        const shards = tileHashKeySpace(count).map((hashKeyRange, index) => ({
          index,
          hashKeyRange,
          state: 'OPEN' as const,
          createdSeconds: 1,
        }));

        const found = shardForHashKey(shards, key);

        expect(found).toBe(shards.find((s) => s.hashKeyRange.start <= key && key <= s.hashKeyRange.end));
      }),
    );
  });

  it('finds no shard where a reshard has left a range uncovered', () => {
    const [first, , third] = tileHashKeySpace(3).map((hashKeyRange, index) => ({
      index,
      hashKeyRange,
      state: 'OPEN' as const,
      createdSeconds: 1,
    }));

    expect(
      shardForHashKey(
        [first, third].filter((s) => s !== undefined),
        HASH_KEY_SPACE / 2n,
      ),
    ).toBeUndefined();
  });
});
