import { conditionally, getConsistently } from './condition.ts';
import type { SecondCounts } from './second-counts.ts';
import { batchPartition, type ShardReference, TTL_ATTRIBUTE } from './table.ts';
import type { PutInput, UpdateInput } from './table-client.ts';
import type { Tables } from './tables.ts';

/** What every batch tells, whatever its kind. */
interface BatchHeader extends SecondCounts {
  readonly position: number;
  /** Epoch ms. */
  readonly arrivalMs: number;
  /** No position below this one was reserved later, epoch ms. */
  readonly beforeMs: number;
  /** Unique to the body that the batch holds: by it a repeated put knows its own first attempt. */
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

const batchKey = (shard: ShardReference, position: number) => ({ pk: batchPartition(shard), sk: position });

function decode(item: Record<string, unknown>): Batch {
  const { pk: _pk, sk, ...attributes } = item;
  return { ...attributes, position: sk } as unknown as Batch;
}

/** What became of a put. */
export type PutOutcome =
  /** Now, or by a first attempt of this very put that had got through unnoticed. */
  | { readonly kind: 'written' }
  /** By another batch; undefined when it has expired since. */
  | { readonly kind: 'taken'; readonly by: Batch | undefined };

/** WRITE: puts a batch at its position if nothing is there. */
export async function putBatch(tables: Tables, shard: ShardReference, batch: Batch): Promise<PutOutcome> {
  const { position, ...attributes } = batch;
  const key = batchKey(shard, position);
  const put: PutInput = {
    TableName: tables.records,
    Item: { ...key, ...attributes },
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  const outcome = await conditionally(tables, tables.records, key, () => tables.client.put(put));
  return outcome.held || outcome.found?.writer === batch.writer
    ? { kind: 'written' }
    : { kind: 'taken', by: outcome.found && decode(outcome.found) };
}

/** The batch at a position, consistently; undefined when nothing is there. */
export async function getBatch(tables: Tables, shard: ShardReference, position: number): Promise<Batch | undefined> {
  const item = await getConsistently(tables, tables.records, batchKey(shard, position));
  return item && decode(item);
}

/** Moves the expiry of a batch to a later time, if it is still there. */
export const extendBatch = (tables: Tables, shard: ShardReference, position: number, ttl: number): Promise<boolean> =>
  extendItem(tables, batchKey(shard, position), ttl);

/** Moves the expiry of an item of the records table to a later time. @returns false when it is gone */
export async function extendItem(
  tables: Tables,
  key: { readonly pk: string; readonly sk: number },
  ttl: number,
): Promise<boolean> {
  const outcome = await setExpiry(tables, key, ttl, '#ttl < :ttl');
  return outcome.held || outcome.found !== undefined;
}

/** Lets a batch expire that was to stay as long as its stream. One that expires already is left alone. */
export async function addExpiry(tables: Tables, shard: ShardReference, position: number, ttl: number): Promise<void> {
  await setExpiry(tables, batchKey(shard, position), ttl, 'attribute_exists(pk) AND attribute_not_exists(#ttl)');
}

function setExpiry(tables: Tables, key: { readonly pk: string; readonly sk: number }, ttl: number, condition: string) {
  const update: UpdateInput = {
    TableName: tables.records,
    Key: key,
    ConditionExpression: condition,
    UpdateExpression: 'SET #ttl = :ttl',
    ExpressionAttributeNames: { '#ttl': TTL_ATTRIBUTE },
    ExpressionAttributeValues: { ':ttl': ttl },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  return conditionally(tables, tables.records, key, () => tables.client.update(update));
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
  const page = await tables.client.query({
    TableName: tables.records,
    KeyConditionExpression: 'pk = :pk AND sk >= :from',
    ExpressionAttributeValues: { ':pk': batchPartition(shard), ':from': from },
    Limit: limit,
    ConsistentRead: consistent,
  });
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

/** The batches at the greatest positions, the newest first; those below a position only, where one is given. */
export async function newestBatches(
  tables: Tables,
  shard: ShardReference,
  { limit, consistent, below }: { readonly limit: number; readonly consistent: boolean; readonly below?: number },
): Promise<Batch[]> {
  const page = await tables.client.query({
    TableName: tables.records,
    KeyConditionExpression: below === undefined ? 'pk = :pk' : 'pk = :pk AND sk < :below',
    ExpressionAttributeValues: { ':pk': batchPartition(shard), ...(below !== undefined && { ':below': below }) },
    ScanIndexForward: false,
    Limit: limit,
    ConsistentRead: consistent,
  });
  return (page.Items ?? []).map(decode);
}

/** The batch at the greatest position below another one; undefined when there is none. */
export async function newestBelow(tables: Tables, shard: ShardReference, position: number): Promise<Batch | undefined> {
  const [newest] = await newestBatches(tables, shard, { limit: 1, consistent: true, below: position });
  return newest;
}
