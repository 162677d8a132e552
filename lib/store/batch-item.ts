import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { conditionally } from './condition.ts';
import { batchPartition, chunkPartition, type ShardReference, TTL_ATTRIBUTE } from './table.ts';
import type { Tables } from './tables.ts';
import type { SecondCounts } from './tail-item.ts';

/** What every batch tells, whatever its kind. */
interface BatchHeader extends SecondCounts {
  readonly position: number;
  /** Epoch ms. */
  readonly arrivalMs: number;
  /** No position below this one was reserved later, epoch ms. */
  readonly beforeMs: number;
  /** Unique to the append that wrote the batch: by it a repeated put knows its own first attempt. */
  readonly writer: string;
  /** When DynamoDB may remove it, epoch seconds. Undefined: never. */
  readonly ttl?: number;
  /**
   * When the head of its chain was reserved, epoch ms; undefined for what is no link of a chain. Above a link, the next
   * position may be guessed (docs/log.md#writers).
   */
  readonly headMs?: number;
}

/** Records at a position: the packed body, or how many chunks under the writer's name hold it. */
export interface DataBatch extends BatchHeader {
  readonly kind: 'data';
  readonly recordCount: number;
  /** Whether the stream was encrypted when the records were put. */
  readonly encrypted?: true;
  readonly body?: Uint8Array;
  readonly chunks?: number;
}

/** A position that will never hold records (`fill`), or the end of the log (`seal`). */
export interface EmptyBatch extends BatchHeader {
  readonly kind: 'fill' | 'seal';
  /** A seal above the end of a chain, which may still grow up to it: readers fill what is missing below, and skip nothing. */
  readonly ahead?: true;
}

export type Batch = DataBatch | EmptyBatch;

/** Bytes of body that fit into one item beside its header and keys; DynamoDB's limit is 400 KB. */
export const MAX_ITEM_BODY_BYTES = 390_000;

/** Chunks written at once: enough for speed, few enough to leave sockets for others. */
const CHUNK_CONCURRENCY = 8;

const batchKey = (shard: ShardReference, position: number) => ({ pk: batchPartition(shard), sk: position });

function decode(item: Record<string, unknown>): Batch {
  const { pk: _pk, sk, ...attributes } = item;
  return { ...attributes, position: sk } as unknown as Batch;
}

/**
 * WRITE: puts a batch at its position if nothing is there.
 * @returns `written`, also when a first attempt of this very append had got through unnoticed; else `taken`
 */
export async function putBatch(tables: Tables, shard: ShardReference, batch: Batch): Promise<'written' | 'taken'> {
  const { position, ...attributes } = batch;
  const key = batchKey(shard, position);
  const put = new PutCommand({
    TableName: tables.records,
    Item: { ...key, ...attributes },
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  const outcome = await conditionally(tables, tables.records, key, () => tables.client.send(put));
  return outcome.held || outcome.found?.writer === batch.writer ? 'written' : 'taken';
}

/** Writes a body that is too large for one item under its writer's name. @returns how many chunks it took */
export async function putChunks(
  tables: Tables,
  shard: ShardReference,
  writer: string,
  body: Uint8Array,
  ttl: number,
): Promise<number> {
  const count = Math.ceil(body.length / MAX_ITEM_BODY_BYTES);
  const putChunk = (number: number) =>
    tables.client.send(
      new PutCommand({
        TableName: tables.records,
        Item: {
          pk: chunkPartition(shard, writer),
          sk: number,
          body: body.subarray(number * MAX_ITEM_BODY_BYTES, (number + 1) * MAX_ITEM_BODY_BYTES),
          ttl,
        },
      }),
    );
  for (let from = 0; from < count; from += CHUNK_CONCURRENCY) {
    const numbers = Array.from({ length: Math.min(CHUNK_CONCURRENCY, count - from) }, (_, index) => from + index);
    await Promise.all(numbers.map(putChunk));
  }
  return count;
}

/** @throws Error when a chunk is missing: the batch that names them was written after all of them */
export async function getChunks(
  tables: Tables,
  shard: ShardReference,
  writer: string,
  count: number,
): Promise<Uint8Array> {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < count; from += CHUNK_CONCURRENCY) {
    const some = numbers.slice(from, from + CHUNK_CONCURRENCY);
    chunks.push(...(await Promise.all(some.map((number) => getChunk(tables, chunkPartition(shard, writer), number)))));
  }
  return Buffer.concat(chunks);
}

/** Half the price if the chunk has arrived everywhere already, which it nearly always has. */
async function getChunk(tables: Tables, pk: string, number: number): Promise<Uint8Array> {
  for (const ConsistentRead of [false, true]) {
    const get = new GetCommand({ TableName: tables.records, Key: { pk, sk: number }, ConsistentRead });
    const { Item } = await tables.client.send(get);
    if (Item !== undefined) {
      return Item.body as Uint8Array;
    }
  }
  throw new Error(`chunk ${number} of a batch is missing`);
}

/** Moves the expiry of a batch and its chunks to a later time, if they are still there. */
export async function extendExpiry(tables: Tables, shard: ShardReference, batch: Batch, ttl: number): Promise<void> {
  await extendItem(tables, batchKey(shard, batch.position), ttl);
  for (let number = 0; batch.kind === 'data' && number < (batch.chunks ?? 0); number++) {
    await extendItem(tables, { pk: chunkPartition(shard, batch.writer), sk: number }, ttl);
  }
}

async function extendItem(tables: Tables, key: { readonly pk: string; readonly sk: number }, ttl: number) {
  const update = new UpdateCommand({
    TableName: tables.records,
    Key: key,
    ConditionExpression: '#ttl < :ttl',
    UpdateExpression: 'SET #ttl = :ttl',
    ExpressionAttributeNames: { '#ttl': TTL_ATTRIBUTE },
    ExpressionAttributeValues: { ':ttl': ttl },
  });
  await conditionally(tables, tables.records, key, () => tables.client.send(update));
}

/** A page of a shard's log. */
export interface BatchPage {
  /** In the order of their positions, all at or after the one asked for. */
  readonly batches: Batch[];
  /** Whether the page ends where the log ended at the time of the read. */
  readonly atTip: boolean;
}

/**
 * Reads the log from a position on: at most 1 MB, as DynamoDB pages it.
 * @param limit at most so many batches
 */
export async function queryBatches(
  tables: Tables,
  shard: ShardReference,
  from: number,
  { limit, consistent }: { readonly limit: number; readonly consistent: boolean },
): Promise<BatchPage> {
  const page = await tables.client.send(
    new QueryCommand({
      TableName: tables.records,
      KeyConditionExpression: 'pk = :pk AND sk >= :from',
      ExpressionAttributeValues: { ':pk': batchPartition(shard), ':from': from },
      Limit: limit,
      ConsistentRead: consistent,
    }),
  );
  return { batches: (page.Items ?? []).map(decode), atTip: page.LastEvaluatedKey === undefined };
}

/** The batch at the greatest position, or undefined for a log without batches. */
export async function newestBatch(
  tables: Tables,
  shard: ShardReference,
  { consistent = true }: { readonly consistent?: boolean } = {},
): Promise<Batch | undefined> {
  const [newest] = await newestBatches(tables, shard, { limit: 1, consistent });
  return newest;
}

/** The batches at the greatest positions, the newest first. */
export async function newestBatches(
  tables: Tables,
  shard: ShardReference,
  { limit, consistent }: { readonly limit: number; readonly consistent: boolean },
): Promise<Batch[]> {
  const page = await tables.client.send(
    new QueryCommand({
      TableName: tables.records,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': batchPartition(shard) },
      ScanIndexForward: false,
      Limit: limit,
      ConsistentRead: consistent,
    }),
  );
  return (page.Items ?? []).map(decode);
}
