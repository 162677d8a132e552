import { areAdjacent } from './reshard.ts';
import type { Shard } from './shard.ts';
import type { MergePair } from './stream.ts';

/**
 * Pairs of open neighbours that were quiet: neither was busy since a time, and both are older. No shard is in two pairs.
 * @param shards in every state, in any order
 * @param sinceMs epoch ms
 */
export function quietNeighbours(shards: readonly Shard[], sinceMs: number): MergePair[] {
  const open = shards
    .filter(({ state }) => state === 'OPEN')
    .sort((a, b) => (a.hashKeyRange.start < b.hashKeyRange.start ? -1 : 1));
  const isQuiet = ({ createdSeconds, busyMs = 0 }: Shard) => createdSeconds * 1_000 <= sinceMs && busyMs <= sinceMs;
  const pairs: MergePair[] = [];
  for (let at = 0; at + 1 < open.length; at++) {
    const [lower, upper] = [open[at] as Shard, open[at + 1] as Shard];
    if (isQuiet(lower) && isQuiet(upper) && areAdjacent(lower, upper)) {
      pairs.push({ shardIndex: lower.index, adjacentIndex: upper.index });
      at += 1;
    }
  }
  return pairs;
}
