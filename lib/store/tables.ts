import type { Configuration } from '../configuration.ts';
import { type BodyStore, interceptObjectCalls, type ObjectCall } from './body-store.ts';
import { retrying } from './retries.ts';
import { isConditionFailed } from './store-errors.ts';
import { type CallName, interceptCalls, type TableClient } from './table-client.ts';

/** The client and the table names that every call of the store needs. */
export interface Tables {
  readonly client: TableClient;
  readonly streams: string;
  readonly records: string;
  /** Where large bodies are kept. Undefined: in the records table. */
  readonly bodies?: BodyStore | undefined;
}

/**
 * Receives the name of every DynamoDB call, and the capacity units that it consumed (0 if the engine reports none).
 * DynamoDB bills a failed condition, but reports no units for it. It counts as one write unit here, which is correct
 * for the small items where it usually happens. Calls for objects have names of their own, and no units.
 */
export type CapacityMeter = (
  command: CallName | ObjectCall,
  units: { readonly read: number; readonly write: number },
) => void;

/** The configured tables on an engine. Calls are retried; they throw StoreThrottled if the engine keeps throttling. */
export const openTables = (
  client: TableClient,
  { streamsTable, recordsTable }: Pick<Configuration, 'streamsTable' | 'recordsTable'>,
  bodies?: BodyStore,
): Tables => ({ client: retrying(client), streams: streamsTable, records: recordsTable, bodies });

/** The same tables. Every call requests its consumed capacity, and reports it to the meter. */
export const metered = (tables: Tables, meter: CapacityMeter): Tables => ({
  ...tables,
  ...(tables.bodies && { bodies: interceptObjectCalls(tables.bodies, (name) => meter(name, { read: 0, write: 0 })) }),
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
