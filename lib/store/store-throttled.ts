import { type DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';

/** DynamoDB refused a call for its load, on every attempt: nothing of it was applied. The same call may succeed later. */
export class StoreThrottled extends Error {
  override readonly name = 'StoreThrottled';
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'ThrottledException',
]);

/** Whether DynamoDB refused an attempt for its load. */
export const isThrottle = (error: unknown): boolean =>
  error instanceof DynamoDBServiceException && THROTTLES.has(error.name);

/** Where a call's attempts leave word for the call as a whole. */
interface CallContext {
  unclearAttempt?: boolean;
}

/**
 * Makes calls of a client that were certainly not applied throw StoreThrottled. Where an attempt before the last one ended
 * in anything else but a refusal, that attempt may have been applied, and the client's own error tells so.
 */
export function tellThrottling(client: DynamoDBClient): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (!isThrottle(error)) {
          (context as CallContext).unclearAttempt = true;
        }
        throw error;
      }
    },
    // Within the retries, which have a high priority in this step: it sees each attempt.
    { step: 'finalizeRequest', priority: 'low', name: 'noteUnclearAttempts' },
  );
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw isThrottle(error) && !(context as CallContext).unclearAttempt
          ? new StoreThrottled('DynamoDB refused a call for its load', { cause: error })
          : error;
      }
    },
    { step: 'initialize', name: 'tellThrottling' },
  );
}
