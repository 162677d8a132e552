import { conditionally, getConsistently } from './condition.ts';
import type { SecondCounts } from './second-counts.ts';
import { batchPartition, type ShardReference, TTL_ATTRIBUTE } from './table.ts';
import type { PutInput, UpdateInput } from './table-client.ts';
import type { Tables } from './tables.ts';

/** The members that every kind of batch has (docs/glossary.md). */
interface BatchHeader extends SecondCounts {
  readonly position: number;
  /** Epoch ms. */
  readonly arrivalMs: number;
  /** No position below this one that is still missing was claimed later than this, epoch ms. */
  readonly beforeMs: number;
  /** Unique to the body that the batch holds. A repeated put recognises its own first attempt by it. */
  readonly writer: string;
  /** When DynamoDB may remove the batch, epoch seconds. Undefined: never. */
  readonly ttl?: number;
  /**
   * When the head of its chain was reserved, epoch ms. Undefined if the batch is not a link of a chain. A writer may
   * guess the next position above a link (docs/log.md#writers).
   */
  readonly headMs?: number;
}

/** A batch with records. It has the packed body, or what it takes to find the body under the writer's name: chunks, or an object. */
export interface DataBatch extends BatchHeader {
  readonly kind: 'data';
  readonly recordCount: number;
  /** Whether the stream was encrypted when the records were put. */
  readonly encrypted?: true;
  readonly body?: Uint8Array;
  readonly chunks?: number;
  /** The life of the object that holds the body, days: its key begins with it. */
  readonly objectDays?: number;
  /** The size of the object, bytes. */
  readonly objectBytes?: number;
}

/** A batch without records: its position will never have records (`fill`), or the log ends here (`seal`). */
export interface EmptyBatch extends BatchHeader {
  readonly kind: 'fill' | 'seal';
  /**
   * Set on a seal that stands above the end of a chain. The chain may still grow up to the seal. So readers fill the
   * missing positions below it, and pass none of them.
   */
  readonly ahead?: true;
}

export type Batch = DataBatch | EmptyBatch;

const batchKey = (shard: ShardReference, position: number) => ({ pk: batchPartition(shard), sk: position });

function decode(item: Record<string, unknown>): Batch {
  const { pk: _pk, sk, ...attributes } = item;
  return { ...attributes, position: sk } as unknown as Batch;
}

/** The result of a put. */
export type PutOutcome =
  /** This attempt wrote the batch, or an earlier attempt of the same put did, and its response was lost. */
  | { readonly kind: 'written' }
  /** Another batch is at the position. `by` is undefined if that batch has expired since. */
  | { readonly kind: 'taken'; readonly by: Batch | undefined };

/** WRITE: puts a batch at its position, on condition that nothing is there. */
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

/** Reads the batch at a position, by a consistent read. @returns undefined if nothing is there */
export async function getBatch(tables: Tables, shard: ShardReference, position: number): Promise<Batch | undefined> {
  const item = await getConsistently(tables, tables.records, batchKey(shard, position));
  return item && decode(item);
}

/** A later expiry (epoch seconds), and the longer life of the object that holds the body, if it was copied. */
export interface LaterExpiry {
  readonly ttl: number;
  readonly objectDays?: number;
}

/** Removes the end of a log, which is then as if it had never been sealed: only while nobody else reads or writes it. */
export async function deleteSeal(tables: Tables, shard: ShardReference, position: number): Promise<void> {
  await tables.client.delete({
    TableName: tables.records,
    Key: batchKey(shard, position),
    ConditionExpression: 'kind = :seal',
    ExpressionAttributeValues: { ':seal': 'seal' },
  });
}

/** Removes everything of a log: only while nobody else reads or writes it. */
export async function deleteLog(tables: Tables, shard: ShardReference): Promise<void> {
  for (let page = await firstPage(tables, shard); page.length > 0; page = await firstPage(tables, shard)) {
    for (const { position } of page) {
      await tables.client.delete({ TableName: tables.records, Key: batchKey(shard, position) });
    }
  }
}

const firstPage = async (tables: Tables, shard: ShardReference): Promise<Batch[]> =>
  (await queryBatches(tables, shard, 0, { limit: 1_000, consistent: true })).batches;

/** Moves the expiry of a batch to a later time. @returns false if the batch is gone */
export const extendBatch = (
  tables: Tables,
  shard: ShardReference,
  position: number,
  later: LaterExpiry,
): Promise<boolean> => extendItem(tables, batchKey(shard, position), later);

/** Moves the expiry of an item of the records table to a later time. @returns false if the item is gone */
export async function extendItem(
  tables: Tables,
  key: { readonly pk: string; readonly sk: number },
  later: LaterExpiry,
): Promise<boolean> {
  const outcome = await setExpiry(tables, key, later, '#ttl < :ttl');
  return outcome.held || outcome.found !== undefined;
}

/** Gives an expiry to a batch without one, which had to stay as long as its stream. Keeps an existing expiry. */
export async function addExpiry(tables: Tables, shard: ShardReference, position: number, ttl: number): Promise<void> {
  await setExpiry(tables, batchKey(shard, position), { ttl }, 'attribute_exists(pk) AND attribute_not_exists(#ttl)');
}

function setExpiry(
  tables: Tables,
  key: { readonly pk: string; readonly sk: number },
  { ttl, objectDays }: LaterExpiry,
  condition: string,
) {
  const update: UpdateInput = {
    TableName: tables.records,
    Key: key,
    ConditionExpression: condition,
    UpdateExpression: `SET #ttl = :ttl${objectDays === undefined ? '' : ', objectDays = :days'}`,
    ExpressionAttributeNames: { '#ttl': TTL_ATTRIBUTE },
    ExpressionAttributeValues: { ':ttl': ttl, ...(objectDays !== undefined && { ':days': objectDays }) },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  return conditionally(tables, tables.records, key, () => tables.client.update(update));
}

/** One page of a shard's log. */
export interface BatchPage {
  /** In the order of their positions. All are at or after the requested position. */
  readonly batches: Batch[];
  /** Whether the page ends at the tip: where the log ended at the time of the read. */
  readonly atTip: boolean;
}

/**
 * Reads one page of the log, from a position on. DynamoDB limits a page to 1 MB.
 * @param limit the largest number of batches to return
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

/** Reads the batch at the greatest position. @returns undefined if the log has no batches */
export async function newestBatch(
  tables: Tables,
  shard: ShardReference,
  { consistent = true }: { readonly consistent?: boolean } = {},
): Promise<Batch | undefined> {
  const [newest] = await newestBatches(tables, shard, { limit: 1, consistent });
  return newest;
}

/** Reads the batches at the greatest positions, the newest first. With `below`, only batches below that position. */
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

/** Reads the newest batch below a position, by a consistent read. @returns undefined if there is none */
export async function newestBelow(tables: Tables, shard: ShardReference, position: number): Promise<Batch | undefined> {
  const [newest] = await newestBatches(tables, shard, { limit: 1, consistent: true, below: position });
  return newest;
}
