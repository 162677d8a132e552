import type { Configuration } from '../configuration.ts';
import { retrying } from './retries.ts';
import { isConditionFailed } from './store-errors.ts';
import { type CallName, interceptCalls, type TableClient } from './table-client.ts';

/** The client and the names that every call of the store needs. */
export interface Tables {
  readonly client: TableClient;
  readonly streams: string;
  readonly records: string;
}

/**
 * Told of every DynamoDB call: its name, and the capacity units that it consumed (0 when the engine tells none). A failed
 * condition is billed and told as nothing: it counts as one unit, which it is for the small items that it happens to.
 */
export type CapacityMeter = (command: CallName, units: { readonly read: number; readonly write: number }) => void;

/** The tables of a configuration on some engine; their calls throw StoreThrottled when it is overloaded. */
export const openTables = (
  client: TableClient,
  { streamsTable, recordsTable }: Pick<Configuration, 'streamsTable' | 'recordsTable'>,
): Tables => ({ client: retrying(client), streams: streamsTable, records: recordsTable });

/** The same tables; every call asks for, and reports, its consumed capacity. */
export const metered = (tables: Tables, meter: CapacityMeter): Tables => ({
  ...tables,
  client: interceptCalls(tables.client, async (name, input, call) => {
    const output = await call({ ...input, ReturnConsumedCapacity: 'TOTAL' }).catch((error: unknown) => {
      meter(name, { read: 0, write: isConditionFailed(error) ? 1 : 0 });
      throw error;
    });
    const units = output.ConsumedCapacity?.CapacityUnits ?? 0;
    const isRead = name === 'GetItem' || name === 'Query' || name === 'Scan';
    meter(name, isRead ? { read: units, write: 0 } : { read: 0, write: units });
    return output;
  }),
});
