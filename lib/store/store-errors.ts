/** DynamoDB, or S3, throttled every attempt of a call. Nothing was applied. The same call may succeed later. */
export class StoreThrottled extends Error {
  override readonly name = 'StoreThrottled';
}

/**
 * The names of DynamoDB's throttling errors.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'ThrottledException',
]);

const NETWORK_ERRORS = /Timeout|ECONNRESET|ECONNREFUSED|EPIPE|ENOTFOUND|EAI_AGAIN|socket hang up/i;

/** What clients report of an error. */
interface ToldError {
  readonly name?: string;
  readonly code?: string;
  readonly $fault?: 'client' | 'server';
  readonly $retryable?: object;
}

/** Whether DynamoDB throttled an attempt. */
export const isThrottle = (error: unknown): boolean => THROTTLES.has((error as ToldError | undefined)?.name ?? '');

/**
 * Whether S3 refused an attempt for its load. DynamoDB's errors of these names are none of throttling: it may have applied the write.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export const isSlowDown = (error: unknown): boolean =>
  ['SlowDown', 'ServiceUnavailable'].includes((error as ToldError | undefined)?.name ?? '');

/** Whether the condition of a write failed. */
export const isConditionFailed = (error: unknown): error is Error & { readonly Item?: Record<string, unknown> } =>
  (error as ToldError | undefined)?.name === 'ConditionalCheckFailedException';

/**
 * Whether a write that ended in this error may be sent again. True for network errors and server errors: the write may
 * have been applied, and its response lost. Also true for throttling, although a throttled attempt was not applied.
 * False for all other errors. A request that the engine rejected as malformed was not applied on any attempt.
 */
export function mayHaveBeenApplied(error: unknown): boolean {
  const { $fault, $retryable, name, code } = (error ?? {}) as ToldError;
  return $fault === undefined
    ? error instanceof Error && NETWORK_ERRORS.test(`${name} ${code}`)
    : $fault === 'server' || $retryable !== undefined || isThrottle(error);
}
