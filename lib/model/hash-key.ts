import { hash } from 'node:crypto';

/** The size of the hash key space: keys run from 0 to 2^128 - 1. */
export const HASH_KEY_SPACE = 1n << 128n;

/** The greatest hash key, 2^128 - 1. */
export const MAX_HASH_KEY = HASH_KEY_SPACE - 1n;

/** A range of hash keys, including both ends. */
export interface HashKeyRange {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * The hash key of a partition key: the MD5 of its UTF-8 bytes, as an unsigned big-endian number.
 * Source: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
 */
export function hashPartitionKey(partitionKey: string): bigint {
  return BigInt(`0x${hash('md5', partitionKey, 'hex')}`);
}

/**
 * The ranges of a new stream's shards: equal widths of floor(2^128 / n); the last one also gets the remainder.
 * @param shardCount 1 or more
 */
export function tileHashKeySpace(shardCount: number): HashKeyRange[] {
  const width = HASH_KEY_SPACE / BigInt(shardCount);
  return Array.from({ length: shardCount }, (_, index) => ({
    start: width * BigInt(index),
    end: index === shardCount - 1 ? MAX_HASH_KEY : width * BigInt(index + 1) - 1n,
  }));
}
