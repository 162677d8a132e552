import { ConditionalCheckFailedException, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Configuration } from '../configuration.ts';
import { RequestSigner, removeUnusedMiddleware } from './request-signer.ts';
import type { TableClient } from './table-client.ts';

/** A call that hangs must not take the append that waits for it past its acknowledgement deadline. */
const REQUEST_TIMEOUT_MS = 3_000;
const CONNECTION_TIMEOUT_MS = 1_000;
const MAX_SOCKETS = 128;

/** DynamoDB, or an engine that speaks its protocol, through AWS' own client. */
export interface DynamoDb extends TableClient {
  close(): void;
}

/** Opens the client of the configured endpoint. Each call is one attempt: whoever uses it knows what to try again. */
export function openDynamoDb({
  account,
  dynamodbEndpoint,
}: Pick<Configuration, 'account' | 'dynamodbEndpoint'>): DynamoDb {
  const client: DynamoDBClient = new DynamoDBClient({
    region: account.region,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: MAX_SOCKETS },
      httpsAgent: { maxSockets: MAX_SOCKETS },
    }),
    accountIdEndpointMode: 'disabled',
    signer: new RequestSigner(account.region, () => client.config.credentials()),
    ...(dynamodbEndpoint !== undefined && fixedEndpoint(dynamodbEndpoint)),
  });
  removeUnusedMiddleware(client);
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return {
    get: (input) => documents.send(new GetCommand(input)),
    put: (input) => documents.send(new PutCommand(input)).catch(rethrow),
    update: (input) => documents.send(new UpdateCommand(input)).catch(rethrow),
    delete: (input) => documents.send(new DeleteCommand(input)).catch(rethrow),
    query: (input) => documents.send(new QueryCommand(input)),
    scan: (input) => documents.send(new ScanCommand(input)),
    close: () => client.destroy(),
  };
}

/** Known before any call: nothing to be resolved for each. */
function fixedEndpoint(endpoint: string): Pick<DynamoDBClientConfig, 'endpoint' | 'endpointProvider'> {
  const url = new URL(endpoint);
  return { endpoint, endpointProvider: () => ({ url }) };
}

/** The document client leaves the item of a failed condition as the wire has it. */
function rethrow(error: unknown): never {
  if (error instanceof ConditionalCheckFailedException && error.Item !== undefined) {
    error.Item = unmarshall(error.Item);
  }
  throw error;
}
