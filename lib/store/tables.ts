import { ConditionalCheckFailedException, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Configuration } from '../configuration.ts';
import { makeLean, RequestSigner } from './lean-client.ts';
import { tellThrottling } from './store-throttled.ts';

/** The client and the names that every command of the store needs. */
export interface Tables {
  readonly client: DynamoDBDocumentClient;
  readonly streams: string;
  readonly records: string;
}

/**
 * Told of every DynamoDB call: its name, and the capacity units that it consumed (0 when the engine tells none). A failed
 * condition is billed and told as nothing: it counts as one unit, which it is for the small items that it happens to.
 */
export type CapacityMeter = (command: string, units: { readonly read: number; readonly write: number }) => void;

/** A call that hangs must not take the append that waits for it past its acknowledgement deadline. */
const REQUEST_TIMEOUT_MS = 3_000;
const CONNECTION_TIMEOUT_MS = 1_000;
const MAX_ATTEMPTS = 3;
const MAX_SOCKETS = 128;

/**
 * Opens the tables; their calls throw StoreThrottled when DynamoDB is overloaded. A meter makes every call ask for, and
 * report, its consumed capacity.
 */
export function openTables(configuration: Configuration, meter?: CapacityMeter): Tables {
  const client: DynamoDBClient = new DynamoDBClient({
    region: configuration.account.region,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: MAX_SOCKETS },
      httpsAgent: { maxSockets: MAX_SOCKETS },
    }),
    accountIdEndpointMode: 'disabled',
    signer: new RequestSigner(configuration.account.region, () => client.config.credentials()),
    ...(configuration.dynamodbEndpoint !== undefined && fixedEndpoint(configuration.dynamodbEndpoint)),
  });
  makeLean(client);
  tellThrottling(client);
  if (meter !== undefined) {
    measure(client, meter);
  }
  return {
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    streams: configuration.streamsTable,
    records: configuration.recordsTable,
  };
}

/** Known before any call: nothing to be resolved for each. */
function fixedEndpoint(endpoint: string): Pick<DynamoDBClientConfig, 'endpoint' | 'endpointProvider'> {
  const url = new URL(endpoint);
  return { endpoint, endpointProvider: () => ({ url }) };
}

interface Consumed {
  readonly CapacityUnits?: number;
}

function measure(client: DynamoDBClient, meter: CapacityMeter): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } }).catch(
        (error) => {
          meter(context.commandName ?? 'unknown', {
            read: 0,
            write: error instanceof ConditionalCheckFailedException ? 1 : 0,
          });
          throw error;
        },
      );
      const { ConsumedCapacity } = result.output as { ConsumedCapacity?: Consumed | Consumed[] };
      const units = [ConsumedCapacity ?? []].flat().reduce((sum, consumed) => sum + (consumed.CapacityUnits ?? 0), 0);
      const command = context.commandName ?? 'unknown';
      const reads = command.startsWith('Get') || command.startsWith('Query') || command.startsWith('BatchGet');
      meter(command, reads ? { read: units, write: 0 } : { read: 0, write: units });
      return result;
    },
    { step: 'initialize', name: 'capacityMeter' },
  );
}
