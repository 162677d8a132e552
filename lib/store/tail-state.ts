import { conditionally } from './condition.ts';
import { type ShardReference, tailKey } from './table.ts';
import type { UpdateInput } from './table-client.ts';
import type { Tables } from './tables.ts';
import type { Tail } from './tail-item.ts';

/** Opens the tail of a shard that takes records from now on. One that was opened or closed since it was written stays so. */
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

/** Closes a tail: no reservation after this. Repeating it changes nothing. @returns the closed tail, or undefined when gone */
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
 * Chooses where the seal of a log is put, in place of a choice that turned out to be taken, unless another sealer has chosen.
 * @param instead the choice as it was last read
 * @returns the choice that stands; undefined when the tail is gone
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

export async function deleteTail(tables: Tables, shard: ShardReference): Promise<void> {
  await tables.client.delete({ TableName: tables.streams, Key: tailKey(shard) });
}
