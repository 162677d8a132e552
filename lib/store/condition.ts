import { isConditionFailed, StoreThrottled } from './store-errors.ts';
import type { Tables } from './tables.ts';

/** What became of a conditional write. */
export type Conditional<T> =
  | { readonly held: true; readonly value: T }
  /** The item that made the condition fail; undefined when there is none. */
  | { readonly held: false; readonly found: Record<string, unknown> | undefined };

/**
 * Runs a conditional write and reads a failed condition: from the old item that the failure carries, or, on an engine
 * that returns none, by a consistent read.
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

/** Its refusal says nothing of the write before it, which may have been applied on an attempt whose answer was lost. */
async function whatIsThere(tables: Tables, table: string, key: Record<string, unknown>) {
  try {
    return await getConsistently(tables, table, key);
  } catch (error) {
    throw error instanceof StoreThrottled ? error.cause : error;
  }
}

/** @returns undefined when there is no such item */
export async function getConsistently(
  tables: Tables,
  table: string,
  key: Record<string, unknown>,
): Promise<Record<string, unknown> | undefined> {
  const { Item } = await tables.client.get({ TableName: table, Key: key, ConsistentRead: true });
  return Item;
}
