import { describe, expect, it } from 'vitest';
import { quietNeighbours } from '../../lib/model/quiet-neighbours.ts';
import type { Shard } from '../../lib/model/shard.ts';
import { ShardLoads } from '../../lib/runtime/shard-loads.ts';

describe('quiet neighbours', () => {
  const shard = (index: number, start: bigint, end: bigint, more: Partial<Shard> = {}): Shard => ({
    index,
    hashKeyRange: { start, end },
    state: 'OPEN',
    createdSeconds: 1,
    ...more,
  });

  it('are adjacent, open, old and quiet, and no shard is in two pairs', () => {
    const shards = [
      shard(3, 300n, 399n),
      shard(0, 0n, 99n),
      shard(1, 100n, 199n),
      shard(2, 200n, 299n),
      shard(4, 400n, 499n, { busyMs: 50_000 }),
      shard(5, 500n, 599n, { createdSeconds: 60 }),
      shard(6, 600n, 699n),
      shard(7, 700n, 799n, { state: 'CLOSED' }),
      shard(8, 800n, 899n),
      shard(9, 900n, 999n, { busyMs: 50_000 }),
    ];

    expect(quietNeighbours(shards, 40_000)).toEqual([
      { shardIndex: 0, adjacentIndex: 1 },
      { shardIndex: 2, adjacentIndex: 3 },
    ]);
  });
});

describe('the load of a shard', () => {
  const append = (second: number, share: number, lowerBytes = 50) => ({ second, share, bytes: 100, lowerBytes });

  it('is hot when three seconds of a minute were more than half full, however they are counted', () => {
    const loads = new ShardLoads();

    expect(loads.note('a', append(1, 0.51))).toEqual({ isHot: false, isBusy: true });
    expect(loads.note('a', append(1, 0.9)).isHot).toBe(false);
    expect(loads.note('b', append(2, 0.9)).isHot).toBe(false);
    expect(loads.note('a', append(30, 0.6)).isHot).toBe(false);
    expect(loads.note('a', append(62, 0.6)).isHot).toBe(false);
    expect(loads.note('a', append(63, 0.6)).isHot).toBe(true);
    expect(loads.note('a', append(64, 0.25))).toEqual({ isHot: false, isBusy: false });
    expect(loads.note('a', append(64, 0.26))).toEqual({ isHot: false, isBusy: true });
  });

  it.each([0, 9, 91, 100])(
    'is not hot when %i of a hundred bytes are in its lower half: a split would not halve it',
    (lower) => {
      const loads = new ShardLoads();
      const seen = [1, 2, 3, 4].map((second) => loads.note('a', append(second, 0.9, lower)));

      expect(seen.some(({ isHot }) => isHot)).toBe(false);
      expect(seen.every(({ isBusy }) => isBusy)).toBe(true);
    },
  );
});
