import type { Shard } from '../model/shard.ts';
import { conditionally, getConsistently } from './condition.ts';
import { queryAll } from './query-all.ts';
import { type ShardReference, shardKey, shardPartition } from './table.ts';
import type { PutInput, UpdateInput } from './table-client.ts';
import type { Tables } from './tables.ts';

function decode(item: Record<string, unknown>): Shard {
  const { pk: _pk, sk: _sk, startingHashKey, endingHashKey, ...attributes } = item;
  return {
    ...attributes,
    hashKeyRange: { start: BigInt(startingHashKey as string), end: BigInt(endingHashKey as string) },
  } as unknown as Shard;
}

function encode(streamId: string, shard: Shard): Record<string, unknown> {
  const { hashKeyRange, ...attributes } = shard;
  return {
    ...shardKey({ streamId, shardIndex: shard.index }),
    ...attributes,
    // A hash key has up to 39 digits. A DynamoDB number holds 38.
    startingHashKey: hashKeyRange.start.toString(),
    endingHashKey: hashKeyRange.end.toString(),
  };
}

/** Reads a shard, by a consistent read. @returns undefined if there is none */
export async function getShard(tables: Tables, shard: ShardReference): Promise<Shard | undefined> {
  const item = await getConsistently(tables, tables.streams, shardKey(shard));
  return item && decode(item);
}

/** Writes a shard unless it exists: a step that runs twice must not reopen a shard that has closed since. */
export async function putNewShard(tables: Tables, streamId: string, shard: Shard): Promise<void> {
  const key = shardKey({ streamId, shardIndex: shard.index });
  const put: PutInput = {
    TableName: tables.streams,
    Item: encode(streamId, shard),
    ConditionExpression: 'attribute_not_exists(pk)',
  };
  await conditionally(tables, tables.streams, key, () => tables.client.put(put));
}

/**
 * Closes a shard once: the first caller decides the time.
 * @returns the second in which the shard closed; undefined if the shard is gone
 */
export async function closeShard(
  tables: Tables,
  streamId: string,
  shardIndex: number,
  closedSeconds: number,
): Promise<number | undefined> {
  const key = shardKey({ streamId, shardIndex });
  const update: UpdateInput = {
    TableName: tables.streams,
    Key: key,
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(closedSeconds)',
    UpdateExpression: 'SET #state = :closed, closedSeconds = :seconds',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':closed': 'CLOSED', ':seconds': closedSeconds },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  const outcome = await conditionally(tables, tables.streams, key, () => tables.client.update(update));
  return outcome.held ? closedSeconds : (outcome.found as Partial<Shard> | undefined)?.closedSeconds;
}

/** Opens a PENDING shard. A shard in any other state stays unchanged, because a step may be repeated late. */
export async function openShard(
  tables: Tables,
  streamId: string,
  shardIndex: number,
  createdSeconds: number,
): Promise<void> {
  const key = shardKey({ streamId, shardIndex });
  const update: UpdateInput = {
    TableName: tables.streams,
    Key: key,
    ConditionExpression: '#state = :pending',
    UpdateExpression: 'SET #state = :open, createdSeconds = :seconds',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':pending': 'PENDING', ':open': 'OPEN', ':seconds': createdSeconds },
  };
  await conditionally(tables, tables.streams, key, () => tables.client.update(update));
}

/** Marks an open shard as busy, unless it was marked after a time. It costs a write in either case. */
export async function markBusy(tables: Tables, shard: ShardReference, nowMs: number, unlessMs: number): Promise<void> {
  const update: UpdateInput = {
    TableName: tables.streams,
    Key: shardKey(shard),
    ConditionExpression: '#state = :open AND (attribute_not_exists(busyMs) OR busyMs < :unless)',
    UpdateExpression: 'SET busyMs = :now',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':open': 'OPEN', ':now': nowMs, ':unless': unlessMs },
  };
  await conditionally(tables, tables.streams, shardKey(shard), () => tables.client.update(update));
}

/** Reads all shards of a stream, in every state, in the order of their indexes. */
export async function listShards(tables: Tables, streamId: string): Promise<Shard[]> {
  return (await queryAll(tables, shardPartition(streamId))).map(decode);
}

/** Removes the item of a shard, whatever its state. */
export async function deleteShard(tables: Tables, streamId: string, shardIndex: number): Promise<void> {
  await tables.client.delete({ TableName: tables.streams, Key: shardKey({ streamId, shardIndex }) });
}
