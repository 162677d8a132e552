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
import type { Configuration } from '../configuration.ts';
import { RequestSigner } from '../signing/request-signer.ts';
import { boundedRequests } from './aws-requests.ts';
import type { TableClient } from './table-client.ts';

/** A call that hangs must not delay its append past the acknowledgement deadline. */
const REQUEST_BOUNDS = { requestTimeoutMs: 3_000, maxSockets: 128 };

/** A client of DynamoDB, or of an engine with the same wire format. It uses the client of the AWS SDK. */
export interface DynamoDb extends TableClient {
  close(): void;
}

/**
 * Opens the client of the configured endpoint. Each call is one attempt: the caller decides what to retry.
 * @param credentials undefined: those that the SDK finds
 */
export function openDynamoDb(
  { account, dynamodbEndpoint }: Pick<Configuration, 'account' | 'dynamodbEndpoint'>,
  credentials?: DynamoDBClientConfig['credentials'],
): DynamoDb {
  const client: DynamoDBClient = new DynamoDBClient({
    region: account.region,
    maxAttempts: 1,
    ...(credentials && { credentials }),
    requestHandler: boundedRequests(REQUEST_BOUNDS),
    accountIdEndpointMode: 'disabled',
    signer: new RequestSigner(account.region, 'dynamodb', () => client.config.credentials()),
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

/** The endpoint is known in advance. So the client does not resolve it again for each call. */
function fixedEndpoint(endpoint: string): Pick<DynamoDBClientConfig, 'endpoint' | 'endpointProvider'> {
  const url = new URL(endpoint);
  return { endpoint, endpointProvider: () => ({ url }) };
}

/** The document client leaves the item of a failed condition in the wire format. This function converts it. */
function rethrow(error: unknown): never {
  if (error instanceof ConditionalCheckFailedException && error.Item !== undefined) {
    error.Item = unmarshall(error.Item);
  }
  throw error;
}

/** Removes middleware that is not needed here: debug log lines, X-Ray's loop detection, and the user agent header. */
function removeUnusedMiddleware(client: DynamoDBClient): void {
  for (const name of ['loggerMiddleware', 'recursionDetectionMiddleware', 'getUserAgentMiddleware']) {
    client.middlewareStack.remove(name);
  }
}
