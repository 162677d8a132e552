import { md5 } from '@noble/hashes/legacy.js';
import type { Shard } from '../kinesis.ts';

/** How many hash keys there are. */
export const HASH_KEYS = 2n ** 128n;

/** The hash key that a partition key has. https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html */
export const hashKeyOf = (partitionKey: string): bigint =>
  md5(new TextEncoder().encode(partitionKey)).reduce((value, byte) => value * 256n + BigInt(byte), 0n);

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

export const rangeOf = ({ HashKeyRange: { StartingHashKey, EndingHashKey } }: Pick<Shard, 'HashKeyRange'>): Range => ({
  start: BigInt(StartingHashKey),
  end: BigInt(EndingHashKey),
});

/** The shard of some shards that has a hash key. */
export const shardWith = (shards: readonly Shard[], hashKey: bigint): Shard | undefined =>
  shards.find((shard) => {
    const { start, end } = rangeOf(shard);
    return hashKey >= start && hashKey <= end;
  });

/** A place in the hash key space, from 0 to 1. */
export const fractionOf = (hashKey: bigint): number => Number((hashKey * 10n ** 9n) / HASH_KEYS) / 1e9;

/** The first hash key of the second half, when a shard is cut at a part of its range, from 0 to 1. Each half keeps at least one. */
export function cutAt(shard: Shard, part: number): bigint {
  const { start, end } = rangeOf(shard);
  const cut = start + ((end - start + 1n) * BigInt(Math.round(part * 1e6))) / 1_000_000n;
  return cut <= start ? start + 1n : cut > end ? end : cut;
}

/** Whether two shards touch: then they can be merged. */
export const areNeighbours = (left: Shard, right: Shard): boolean => rangeOf(left).end + 1n === rangeOf(right).start;
