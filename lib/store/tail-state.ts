import { conditionally, getConsistently } from './condition.ts';
import { type ShardReference, tailKey } from './table.ts';
import type { UpdateInput } from './table-client.ts';
import type { Tables } from './tables.ts';
import type { Tail } from './tail-item.ts';

/** Opens a PENDING tail: its shard accepts records from now on. A tail in any other state stays unchanged. */
export async function openTail(tables: Tables, shard: ShardReference): Promise<void> {
  const update: UpdateInput = {
    TableName: tables.streams,
    Key: tailKey(shard),
    ConditionExpression: 'shardState = :pending',
    UpdateExpression: 'SET shardState = :open',
    ExpressionAttributeValues: { ':pending': 'PENDING', ':open': 'OPEN' },
  };
  await conditionally(tables, tables.streams, tailKey(shard), () => tables.client.update(update));
}

/** Closes a tail: no reservation succeeds after this. Idempotent. @returns the closed tail; undefined if it is gone */
export async function closeTail(tables: Tables, shard: ShardReference): Promise<Tail | undefined> {
  const update: UpdateInput = {
    TableName: tables.streams,
    Key: tailKey(shard),
    ConditionExpression: 'attribute_exists(pk)',
    UpdateExpression: 'SET shardState = :closed',
    ExpressionAttributeValues: { ':closed': 'CLOSED' },
    ReturnValues: 'ALL_NEW',
  };
  const closed = await conditionally(tables, tables.streams, tailKey(shard), async () => {
    const { Attributes } = await tables.client.update(update);
    return Attributes as unknown as Tail;
  });
  return closed.held ? closed.value : undefined;
}

/**
 * Chooses the position of a log's seal, unless another sealer has chosen one meanwhile. It replaces an earlier choice
 * whose position cannot be used.
 * @param instead the choice that was last read, to be replaced; undefined if there was none
 * @returns the stored choice after the call; undefined if the tail is gone
 */
export async function chooseSealPosition(
  tables: Tables,
  shard: ShardReference,
  position: number,
  instead: number | undefined,
): Promise<number | undefined> {
  const update: UpdateInput = {
    TableName: tables.streams,
    Key: tailKey(shard),
    ConditionExpression:
      instead === undefined ? 'attribute_exists(pk) AND attribute_not_exists(sealPosition)' : 'sealPosition = :instead',
    UpdateExpression: 'SET sealPosition = :position',
    ExpressionAttributeValues: { ':position': position, ...(instead !== undefined && { ':instead': instead }) },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  const chosen = await conditionally(tables, tables.streams, tailKey(shard), () => tables.client.update(update));
  return chosen.held ? position : (chosen.found as Partial<Tail> | undefined)?.sealPosition;
}

/** Reads a tail, by a consistent read. @returns undefined if there is none */
export const readTail = async (tables: Tables, shard: ShardReference): Promise<Tail | undefined> =>
  (await getConsistently(tables, tables.streams, tailKey(shard))) as Tail | undefined;

/** Writes a tail, whatever was there: only while nobody else writes. */
export async function replaceTail(tables: Tables, shard: ShardReference, tail: Tail): Promise<void> {
  await tables.client.put({ TableName: tables.streams, Item: { ...tailKey(shard), ...tail } });
}

/** Removes the tail of a shard. */
export async function deleteTail(tables: Tables, shard: ShardReference): Promise<void> {
  await tables.client.delete({ TableName: tables.streams, Key: tailKey(shard) });
}
