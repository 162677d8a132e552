import { getConsistently } from './condition.ts';
import { tablesKey } from './table.ts';
import type { PutInput } from './table-client.ts';
import type { Tables } from './tables.ts';

/**
 * Whether these tables were adopted together, by their names. A restored table has another name than the one that was saved: the
 * item that comes along with it names others.
 */
export async function areAdopted(tables: Tables): Promise<boolean> {
  const item = await getConsistently(tables, tables.streams, tablesKey);
  return item?.streams === tables.streams && item.records === tables.records;
}

/** Notes that these tables were adopted together. */
export async function noteAdopted(tables: Tables, nowMs: number): Promise<void> {
  const put: PutInput = {
    TableName: tables.streams,
    Item: { ...tablesKey, streams: tables.streams, records: tables.records, adoptedMs: nowMs },
  };
  await tables.client.put(put);
}
