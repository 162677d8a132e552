import { type Environment, readConfiguration } from '../lib/configuration.ts';
import { PARTITION_KEY, SORT_KEY, streamRecordsPrefix } from '../lib/store/table.ts';
import type { TableClient } from '../lib/store/table-client.ts';
import { sortKeyTypes } from '../lib/store/table-schemas.ts';
import { openTables, type Tables } from '../lib/store/tables.ts';
import { openEngine } from './engine/open.ts';

/** Where a local Rivulet keeps its data. */
export interface LocalStore {
  readonly tables: Tables;
  /** For people to read. */
  readonly data: string;
  /** Frees what the records of a stream hold that is gone; undefined: they expire by themselves. */
  discard?(streamId: string): Promise<void>;
  close(): void;
}

/** Sees every call to an engine, as `around` does. */
export type Through = (engine: TableClient) => TableClient;

/**
 * Opens the store that the environment names: the embedded engine, in memory or in `DATA_DIR`, or whatever speaks DynamoDB's
 * protocol at `DYNAMODB_ENDPOINT`.
 * @param through what calls to the embedded engine go through
 * @throws Error with a sentence that names the variable and what is wrong
 */
export async function openStore(environment: Environment, through: Through = (engine) => engine): Promise<LocalStore> {
  const endpoint = environment.DYNAMODB_ENDPOINT;
  if (endpoint !== undefined) {
    // AWS' client is loaded only where it is used.
    const { openExternalTables } = await import('./external-tables.ts');
    return openExternalTables(readConfiguration({ ...environment, AWS_ENDPOINT_URL_DYNAMODB: endpoint }), endpoint);
  }
  const configuration = readConfiguration(environment);
  const folder = environment.DATA_DIR;
  const names = { streams: configuration.streamsTable, records: configuration.recordsTable };
  const { engine, close } = openEngine({
    schemas: (['streams', 'records'] as const).map((table) => ({
      name: names[table],
      partitionKey: PARTITION_KEY,
      sortKey: SORT_KEY,
      sortKeyType: sortKeyTypes[table],
    })),
    folder,
    synced: configuration.dataSync,
  });
  return {
    tables: openTables(through(engine), configuration),
    data: folder ?? 'memory',
    discard: (streamId) => engine.discardBytes(names.records, streamRecordsPrefix(streamId)),
    close,
  };
}
