import { readConfiguration } from '../../lib/configuration.ts';
import type { BodyStore } from '../../lib/store/body-store.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import type { TableClient } from '../../lib/store/table-client.ts';
import { openTables, type Tables } from '../../lib/store/tables.ts';
import { createTables } from '../../local/external-tables.ts';
import { type LocalStore, openStore } from '../../local/store.ts';
import { availableEngines, startEngine } from './dynamodb-engines.ts';
import { pausedTables } from './paused-tables.ts';
import { S3Server } from './s3-server.ts';

/** A store for one suite of tests. */
export interface TestStore {
  readonly tables: Tables;
  /** Gives other clients access to the same data: an address, or the name of an engine in this process. */
  readonly endpoint: string;
  /** The server that keeps large bodies. Undefined: the records table does. */
  readonly objects?: S3Server;
  close(): Promise<void>;
}

/** A kind of store that tests can open. */
export interface StoreChoice {
  readonly name: string;
  open(): Promise<TestStore>;
}

/**
 * Every engine that this machine has: the embedded engine, the engines that stand in for DynamoDB, and the one at
 * `DYNAMODB_ENDPOINT`, if set.
 */
export function storeChoices(): StoreChoice[] {
  const others = availableEngines().map((name) => ({
    name: name as string,
    open: async () => {
      const engine = await startEngine(name, undefined);
      const store = await openEndpoint(engine.endpoint);
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
  const named = endpoint ? [{ name: endpoint, open: () => openEndpoint(endpoint) }] : [];
  return [{ name: 'embedded', open: () => openEmbedded() }, ...others, ...named];
}

/** The same, and the embedded engine with large bodies on an S3-compatible server. */
export const storeChoicesWithBodies = (): StoreChoice[] => [...storeChoices(), bodiesInS3()];

/** @param aboveBytes bodies with more bytes are objects */
export const bodiesInS3 = (aboveBytes = 100_000): StoreChoice => ({
  name: 'embedded-with-S3',
  open: async () => {
    const objects = await S3Server.start();
    return openEmbedded(objects, objects.bodies(aboveBytes));
  },
});

const TEST_ENVIRONMENT = {
  ACCOUNT_ID: '000000000000',
  AWS_REGION: 'us-east-1',
  STREAMS_TABLE: 'contract-streams',
  RECORDS_TABLE: 'contract-records',
};

/** The embedded engines of this process, by the name that is used in place of an address. */
const embedded = new Map<string, LocalStore>();
let opened = 0;

/**
 * The seed of the pauses of calls to embedded engines: it counts up from `PAUSES_SEED`, or 1. Each client has its own.
 */
let pausesSeed = Number(process.env.PAUSES_SEED ?? 1);

/**
 * A client of an embedded engine, as another process would have one. Its calls pause, so that calls of other clients
 * come between.
 */
function pausing(store: LocalStore): Tables {
  pausesSeed += 1;
  return pausedTables(store.tables, pausesSeed);
}

async function openEmbedded(objects?: S3Server, bodies?: BodyStore): Promise<TestStore> {
  const opening = await openStore(TEST_ENVIRONMENT);
  const store = { ...opening, tables: { ...opening.tables, bodies } };
  opened += 1;
  const endpoint = `embedded:${opened}`;
  embedded.set(endpoint, store);
  return {
    tables: pausing(store),
    endpoint,
    ...(objects && { objects }),
    close: async () => {
      embedded.delete(endpoint);
      store.close();
      await objects?.close();
    },
  };
}

/** Another client for existing tables, as another process would have one. */
export function openTestTables(endpoint: string): Tables {
  const store = embedded.get(endpoint);
  return store ? pausing(store) : openTables(clientOf(endpoint), testConfiguration(endpoint));
}

/** One client for each endpoint. It stays open until the process ends. */
const clients = new Map<string, TableClient>();

function clientOf(endpoint: string): TableClient {
  const client = clients.get(endpoint) ?? openDynamoDb(testConfiguration(endpoint));
  clients.set(endpoint, client);
  return client;
}

function testConfiguration(endpoint: string) {
  process.env.AWS_ACCESS_KEY_ID ??= 'test';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
  return readConfiguration({ ...TEST_ENVIRONMENT, AWS_ENDPOINT_URL_DYNAMODB: endpoint });
}

async function openEndpoint(endpoint: string): Promise<TestStore> {
  await createTables(testConfiguration(endpoint));
  return { tables: openTestTables(endpoint), endpoint, close: async () => {} };
}
