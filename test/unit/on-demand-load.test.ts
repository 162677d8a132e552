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
  it('is hot when three seconds of a minute were more than half full, however they are counted', () => {
    const loads = new ShardLoads();

    expect(loads.note('a', 1, 0.51)).toEqual({ isHot: false, isBusy: true });
    expect(loads.note('a', 1, 0.9).isHot).toBe(false);
    expect(loads.note('b', 2, 0.9).isHot).toBe(false);
    expect(loads.note('a', 30, 0.6).isHot).toBe(false);
    expect(loads.note('a', 62, 0.6).isHot).toBe(false);
    expect(loads.note('a', 63, 0.6).isHot).toBe(true);
    expect(loads.note('a', 64, 0.25)).toEqual({ isHot: false, isBusy: false });
    expect(loads.note('a', 64, 0.26)).toEqual({ isHot: false, isBusy: true });
  });
});
