import { MAX_ITEM_BODY_BYTES } from '../model/limits.ts';
import { type DataBatch, extendItem } from './batch-item.ts';
import { chunkPartition, type ShardReference, TTL_ATTRIBUTE } from './table.ts';
import type { GetInput, UpdateInput } from './table-client.ts';
import type { Tables } from './tables.ts';

/** The number of chunks written or read at once: enough for speed, few enough to leave sockets for other calls. */
const CHUNK_CONCURRENCY = 8;

/** A body that is too large for one item, and its writer's name. No other body has this name. */
export interface LargeBody {
  readonly writer: string;
  readonly bytes: Uint8Array;
}

/**
 * CHUNK: writes a body that is too large for one item, in chunks under its writer's name. A chunk that exists already
 * stays unchanged: a delayed attempt must not move an expiry back that has been extended since.
 * @param ttl epoch seconds
 * @returns the number of chunks
 */
export async function putChunks(
  tables: Tables,
  shard: ShardReference,
  { writer, bytes }: LargeBody,
  ttl: number,
): Promise<number> {
  const count = Math.ceil(bytes.length / MAX_ITEM_BODY_BYTES);
  await collectYielding(count, (number) => {
    const body = bytes.subarray(number * MAX_ITEM_BODY_BYTES, (number + 1) * MAX_ITEM_BODY_BYTES);
    const update: UpdateInput = {
      TableName: tables.records,
      Key: { pk: chunkPartition(shard, writer), sk: number },
      UpdateExpression: 'SET body = if_not_exists(body, :body), #ttl = if_not_exists(#ttl, :ttl)',
      ExpressionAttributeNames: { '#ttl': TTL_ATTRIBUTE },
      ExpressionAttributeValues: { ':body': body, ':ttl': ttl },
    };
    return tables.client.update(update);
  });
  return count;
}

/** Reads the chunks of a body, and joins them. @returns undefined if a chunk is missing */
export async function getChunks(
  tables: Tables,
  shard: ShardReference,
  writer: string,
  count: number,
): Promise<Uint8Array | undefined> {
  const pk = chunkPartition(shard, writer);
  const chunks = await collectYielding(count, (number) => getChunk(tables, pk, number));
  return chunks.every((chunk) => chunk !== undefined) ? Buffer.concat(chunks) : undefined;
}

/** The first read is eventually consistent, at half the price. It nearly always finds the chunk. */
async function getChunk(tables: Tables, pk: string, number: number): Promise<Uint8Array | undefined> {
  for (const ConsistentRead of [false, true]) {
    const get: GetInput = { TableName: tables.records, Key: { pk, sk: number }, ConsistentRead };
    const { Item } = await tables.client.get(get);
    if (Item !== undefined) {
      return Item.body as Uint8Array;
    }
  }
  return undefined;
}

/** Moves the expiry of a batch's chunks to a later time. @returns false if a chunk is gone */
export async function extendChunks(
  tables: Tables,
  shard: ShardReference,
  { writer, chunks = 0 }: Pick<DataBatch, 'writer' | 'chunks'>,
  ttl: number,
): Promise<boolean> {
  const pk = chunkPartition(shard, writer);
  const extended = await collectYielding(chunks, (sk) => extendItem(tables, { pk, sk }, { ttl }));
  return extended.every(Boolean);
}

/** Runs `work` for each number from 0 to `count` - 1, at most CHUNK_CONCURRENCY at a time. */
async function collectYielding<T>(count: number, work: (number: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let from = 0; from < count; from += CHUNK_CONCURRENCY) {
    const numbers = Array.from({ length: Math.min(CHUNK_CONCURRENCY, count - from) }, (_, index) => from + index);
    results.push(...(await Promise.all(numbers.map(work))));
  }
  return results;
}
