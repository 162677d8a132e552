import { conditionally } from './condition.ts';
import { subscriptionKey } from './table.ts';
import type { DeleteInput, GetInput, PutInput } from './table-client.ts';
import type { Tables } from './tables.ts';

/** A subscription of a consumer to a shard. Only the latest one is stored, and only that one is valid. */
export interface Subscription {
  readonly streamId: string;
  /** Name and creation time identify the consumer: a consumer that is registered again is a different one. */
  readonly consumerName: string;
  readonly consumerCreatedSeconds: number;
  readonly shardIndex: number;
  /** Unique to the SubscribeToShard call. */
  readonly id: string;
  /** Epoch ms. */
  readonly startedMs: number;
}

/**
 * Makes a subscription the valid one of its consumer and shard. It replaces the earlier one.
 * @param graceMs  for this time after its start, a subscription cannot be replaced
 * @param ttl      epoch seconds
 * @returns false if another subscription began less than `graceMs` ago
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
  // An earlier attempt of this call may have succeeded, and its response was lost.
  return outcome.held || outcome.found?.id === id;
}

/** Whether a consumer has at least `count` other subscriptions (one per shard) begun after `sinceMs`, epoch ms. */
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

/** Removes a subscription, unless another one has replaced it. */
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

/** Whether a subscription is still valid. The read is eventually consistent, so the result may be slightly stale. */
export async function hasSubscription(tables: Tables, subscription: Subscription): Promise<boolean> {
  const get: GetInput = { TableName: tables.records, Key: subscriptionKey(subscription) };
  const { Item } = await tables.client.get(get);
  // No item, or an older one: the own put may not be visible yet. No newer subscription is visible either.
  return Item === undefined || Item.id === subscription.id || (Item.startedMs as number) < subscription.startedMs;
}
