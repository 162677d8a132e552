import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import type { Configuration } from '../lib/configuration.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { TTL_ATTRIBUTE } from '../lib/store/table.ts';
import { createTableInputs } from '../lib/store/table-schemas.ts';
import { openTables, type Tables } from '../lib/store/tables.ts';

const WAIT_MS = 20;
const MAX_WAITS = 500;

/** Opens the tables of an engine that speaks DynamoDB's protocol, and creates those that are not there. */
export async function openExternalTables(
  configuration: Configuration,
  endpoint: string,
): Promise<{ readonly tables: Tables; readonly data: string; close(): void }> {
  requireUrl(endpoint);
  await createTables(configuration).catch((error: unknown) => {
    const { message, code } = error as NodeJS.ErrnoException;
    throw new Error(
      `DYNAMODB_ENDPOINT ${endpoint} cannot be used: ${message || code}. Start the engine there, or leave it out for the embedded one`,
      { cause: error },
    );
  });
  const client = openDynamoDb(configuration, anyCredentials());
  return { tables: openTables(client, configuration), data: endpoint, close: () => client.close() };
}

function requireUrl(endpoint: string): void {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw new Error(`DYNAMODB_ENDPOINT must be a URL such as http://localhost:8000, not '${endpoint}'`);
  }
}

/** The SDK signs everything that it sends. Local engines accept any signature, so any credentials do. */
const anyCredentials = () =>
  process.env.AWS_ACCESS_KEY_ID === undefined ? { accessKeyId: 'local', secretAccessKey: 'local' } : undefined;

/** Creates the tables that CDK creates when deployed, unless they are there. */
export async function createTables(configuration: Configuration): Promise<void> {
  const credentials = anyCredentials();
  const client = new DynamoDBClient({
    region: configuration.account.region,
    ...(credentials && { credentials }),
    ...(configuration.dynamodbEndpoint !== undefined && { endpoint: configuration.dynamodbEndpoint }),
  });
  const names = { streams: configuration.streamsTable, records: configuration.recordsTable };
  try {
    for (const input of createTableInputs(names)) {
      await createTable(client, input);
    }
    await expireRecords(client, names.records);
  } finally {
    client.destroy();
  }
}

async function createTable(client: DynamoDBClient, input: ReturnType<typeof createTableInputs>[number]): Promise<void> {
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) {
      throw error;
    }
  }
  for (let waits = 0; waits < MAX_WAITS; waits++) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: input.TableName }));
    if (Table?.TableStatus === 'ACTIVE') {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  throw new Error(`the table ${input.TableName} did not become active`);
}

/** Not every embedded engine has TTL; the sweeper expires items where it does nothing. */
async function expireRecords(client: DynamoDBClient, table: string): Promise<void> {
  const specification = { Enabled: true, AttributeName: TTL_ATTRIBUTE };
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: specification }));
  } catch (error) {
    const { name } = error as Error;
    if (name !== 'UnknownOperationException' && name !== 'ValidationException') {
      throw error;
    }
  }
}
