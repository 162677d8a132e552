import { describe, expect, it } from 'vitest';
import type { Shard } from '../../lib/model/shard.ts';
import { filterShards, type ShardFilter } from '../../lib/model/shard-filter.ts';
import type { Stream } from '../../lib/model/stream.ts';

const HOUR = 3_600_000;
const NOW = 1_700_000_000_000;
const stream = { retentionHours: 24 } as Stream;

const shard = (index: number, createdHoursAgo: number, closedHoursAgo?: number): Shard => ({
  index,
  hashKeyRange: { start: 0n, end: 1n },
  state: closedHoursAgo === undefined ? 'OPEN' : 'CLOSED',
  createdSeconds: (NOW - createdHoursAgo * HOUR) / 1000,
  ...(closedHoursAgo !== undefined && { closedSeconds: (NOW - closedHoursAgo * HOUR) / 1000 }),
});

/** Shard 0 has expired. Shard 1 was closed ten hours ago, and shard 2 continues it. Shard 3 has always been open. */
const shards = [shard(0, 50, 30), shard(1, 40, 10), shard(2, 10), shard(3, 50)];

const at = (hoursAgo: number) => NOW - hoursAgo * HOUR;

describe('ListShards with a filter', () => {
  it.each<[ShardFilter, number[]]>([
    [{ type: 'FROM_TRIM_HORIZON' }, [1, 2, 3]],
    [{ type: 'AT_TRIM_HORIZON' }, [1, 3]],
    [{ type: 'AT_LATEST' }, [2, 3]],
    [{ type: 'AT_TIMESTAMP', timestampMs: at(20) }, [1, 3]],
    [{ type: 'AT_TIMESTAMP', timestampMs: at(5) }, [2, 3]],
    [{ type: 'AT_TIMESTAMP', timestampMs: at(100) }, [1, 3]],
    [{ type: 'AT_TIMESTAMP', timestampMs: at(24) }, [1, 3]],
    [{ type: 'FROM_TIMESTAMP', timestampMs: at(20) }, [1, 2, 3]],
    [{ type: 'FROM_TIMESTAMP', timestampMs: at(5) }, [2, 3]],
    [{ type: 'FROM_TIMESTAMP', timestampMs: at(100) }, [1, 2, 3]],
    [{ type: 'AFTER_SHARD_ID', shardId: 'shardId-000000000001' }, [2, 3]],
  ])('%o shows shards %j', (filter, indexes) => {
    expect(filterShards(shards, filter, stream, NOW).map((s) => s.index)).toEqual(indexes);
  });

  it('AT_TRIM_HORIZON of a young stream shows the shards that it began with', () => {
    const young = [shard(0, 2, 1), shard(1, 1), shard(2, 2)];

    expect(filterShards(young, { type: 'AT_TRIM_HORIZON' }, stream, NOW).map((s) => s.index)).toEqual([0, 2]);
    expect(filterShards(young, { type: 'AT_TIMESTAMP', timestampMs: at(3) }, stream, NOW)).toEqual([]);
  });
});
