import { TTL_ATTRIBUTE } from '../lib/store/table.ts';
import type { Tables } from '../lib/store/tables.ts';

const SWEEP_EVERY_MS = 60_000;

/** The pages of one sweep. The next sweep continues after them. */
const MAX_PAGES = 50;

/**
 * Removes items whose `ttl` has passed, as DynamoDB does by itself: no embedded engine really expires items.
 * @param now epoch ms
 * @returns ends the sweeping
 */
export function sweepExpiredItems(tables: Tables, now: () => number, onError: (error: unknown) => void): () => void {
  let from: Record<string, unknown> | undefined;
  const timer = setInterval(async () => {
    try {
      from = await sweep(tables, from, Math.floor(now() / 1000));
    } catch (error) {
      onError(error);
    }
  }, SWEEP_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** @returns where the next sweep continues; undefined: at the beginning */
export async function sweep(
  tables: Tables,
  from: Record<string, unknown> | undefined,
  nowSeconds: number,
): Promise<Record<string, unknown> | undefined> {
  let next = from;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { Items = [], LastEvaluatedKey } = await tables.client.scan({
      TableName: tables.records,
      FilterExpression: '#ttl < :now',
      ProjectionExpression: 'pk, sk',
      ExpressionAttributeNames: { '#ttl': TTL_ATTRIBUTE },
      ExpressionAttributeValues: { ':now': nowSeconds },
      ...(next && { ExclusiveStartKey: next }),
    });
    for (const Key of Items) {
      await tables.client.delete({ TableName: tables.records, Key });
    }
    next = LastEvaluatedKey;
    if (next === undefined) {
      return undefined;
    }
  }
  return next;
}
