import { isConditionFailed, StoreThrottled } from './store-errors.ts';
import type { Tables } from './tables.ts';

/** The result of a conditional write. */
export type Conditional<T> =
  | { readonly held: true; readonly value: T }
  /** The condition failed. `found` is the existing item; undefined if there is none. */
  | { readonly held: false; readonly found: Record<string, unknown> | undefined };

/**
 * Runs a conditional write. If the condition fails, it returns the existing item: the item in the error, or, if the
 * error has none, the result of a consistent read.
 */
export async function conditionally<T>(
  tables: Tables,
  table: string,
  key: Record<string, unknown>,
  write: () => Promise<T>,
): Promise<Conditional<T>> {
  try {
    return { held: true, value: await write() };
  } catch (error) {
    if (!isConditionFailed(error)) {
      throw error;
    }
    return { held: false, found: error.Item ?? (await whatIsThere(tables, table, key)) };
  }
}

/**
 * Reads the existing item after a failed condition. It never throws StoreThrottled, only its cause: StoreThrottled
 * would say that nothing was applied. But only this read was throttled. An attempt of the write may have been applied,
 * and its response lost.
 */
async function whatIsThere(tables: Tables, table: string, key: Record<string, unknown>) {
  try {
    return await getConsistently(tables, table, key);
  } catch (error) {
    throw error instanceof StoreThrottled ? error.cause : error;
  }
}

/** Reads an item, by a consistent read. @returns undefined if there is no such item */
export async function getConsistently(
  tables: Tables,
  table: string,
  key: Record<string, unknown>,
): Promise<Record<string, unknown> | undefined> {
  const { Item } = await tables.client.get({ TableName: table, Key: key, ConsistentRead: true });
  return Item;
}
