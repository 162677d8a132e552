import { readConfiguration } from '../../lib/configuration.ts';
import { openTables, type Tables } from '../../lib/store/tables.ts';
import { availableEngines, startEngine } from '../../local/dynamodb.ts';
import { createTables } from '../../local/tables.ts';

/** A store for one suite of tests. */
export interface TestStore {
  readonly tables: Tables;
  readonly endpoint: string;
  close(): Promise<void>;
}

/** A way to get a store. */
export interface StoreChoice {
  readonly name: string;
  open(): Promise<TestStore>;
}

/** Every DynamoDB-compatible engine that this machine has: the embedded ones, and one named by DYNAMODB_ENDPOINT. */
export function storeChoices(): StoreChoice[] {
  const embedded = availableEngines().map((name) => ({
    name: name as string,
    open: async () => {
      const engine = await startEngine(name, undefined);
      const store = await openStore(engine.endpoint);
      return {
        ...store,
        close: async () => {
          await store.close();
          await engine.close();
        },
      };
    },
  }));
  const endpoint = process.env.DYNAMODB_ENDPOINT;
  return endpoint ? [...embedded, { name: endpoint, open: () => openStore(endpoint) }] : embedded;
}

/** Another client on tables that exist: what another process would have. */
export function openTestTables(endpoint: string): Tables {
  return openTables(testConfiguration(endpoint));
}

function testConfiguration(endpoint: string) {
  process.env.AWS_ACCESS_KEY_ID ??= 'test';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
  return readConfiguration({
    ACCOUNT_ID: '000000000000',
    AWS_REGION: 'us-east-1',
    STREAMS_TABLE: 'contract-streams',
    RECORDS_TABLE: 'contract-records',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  });
}

async function openStore(endpoint: string): Promise<TestStore> {
  await createTables(testConfiguration(endpoint));
  const tables = openTestTables(endpoint);
  return { tables, endpoint, close: async () => tables.client.destroy() };
}
