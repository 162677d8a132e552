import { conditionally } from './condition.ts';
import { subscriptionKey } from './table.ts';
import type { DeleteInput, GetInput, PutInput } from './table-client.ts';
import type { Tables } from './tables.ts';

/** Which of the subscriptions of a consumer to a shard counts: the last one. */
export interface Subscription {
  readonly streamId: string;
  /** The consumer's name and time of creation: one that is registered again is another one. */
  readonly consumerName: string;
  readonly consumerCreatedSeconds: number;
  readonly shardIndex: number;
  /** Unique to the call. */
  readonly id: string;
  /** Epoch ms. */
  readonly startedMs: number;
}

/**
 * Takes a consumer's place at a shard.
 * @param graceMs  for so long a subscription cannot be taken over
 * @param ttl      epoch seconds
 * @returns false when another one has begun too short a time ago
 */
export async function takeSubscription(
  tables: Tables,
  subscription: Subscription,
  { graceMs, ttl }: { readonly graceMs: number; readonly ttl: number },
): Promise<boolean> {
  const { id, startedMs } = subscription;
  const key = subscriptionKey(subscription);
  const put: PutInput = {
    TableName: tables.records,
    Item: { ...key, id, startedMs, ttl },
    ConditionExpression: 'attribute_not_exists(pk) OR startedMs <= :over',
    ExpressionAttributeValues: { ':over': startedMs - graceMs },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  const outcome = await conditionally(tables, tables.records, key, () => tables.client.put(put));
  // A first attempt of this very call may have got through unnoticed.
  return outcome.held || outcome.found?.id === id;
}

/** Whether a consumer has at least so many subscriptions to other shards that began since a time, epoch ms. */
export async function hasOthers(
  tables: Tables,
  subscription: Subscription,
  { sinceMs, count }: { readonly sinceMs: number; readonly count: number },
): Promise<boolean> {
  const { pk } = subscriptionKey(subscription);
  let found = 0;
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await tables.client.query({
      TableName: tables.records,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
      ...(ExclusiveStartKey && { ExclusiveStartKey }),
    });
    const others = (page.Items ?? []) as Pick<Subscription, 'id' | 'startedMs'>[];
    found += others.filter(({ id, startedMs }) => id !== subscription.id && startedMs > sinceMs).length;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (found < count && ExclusiveStartKey !== undefined);
  return found >= count;
}

/** Gives a place back, unless somebody else has taken it. */
export async function leaveSubscription(tables: Tables, subscription: Subscription): Promise<void> {
  const key = subscriptionKey(subscription);
  const remove: DeleteInput = {
    TableName: tables.records,
    Key: key,
    ConditionExpression: 'id = :id',
    ExpressionAttributeValues: { ':id': subscription.id },
  };
  await conditionally(tables, tables.records, key, () => tables.client.delete(remove));
}

/** Whether a subscription still has its place. May be out of date by the time that a read takes to be consistent. */
export async function hasSubscription(tables: Tables, subscription: Subscription): Promise<boolean> {
  const get: GetInput = { TableName: tables.records, Key: subscriptionKey(subscription) };
  const { Item } = await tables.client.get(get);
  // What is not to be seen yet has not been taken over either.
  return Item === undefined || Item.id === subscription.id || (Item.startedMs as number) < subscription.startedMs;
}
