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

const NETWORK_ERRORS = /Timeout|ECONNRESET|ECONNREFUSED|EPIPE|ENOTFOUND|EAI_AGAIN|socket hang up/i;

/** What clients tell of an error beside its name. */
interface ToldError {
  readonly name?: string;
  readonly code?: string;
  readonly $fault?: 'client' | 'server';
  readonly $retryable?: object;
}

/** Whether DynamoDB refused an attempt for its load. */
export const isThrottle = (error: unknown): boolean => THROTTLES.has((error as ToldError | undefined)?.name ?? '');

/** Whether a condition did not hold. */
export const isConditionFailed = (error: unknown): error is Error & { readonly Item?: Record<string, unknown> } =>
  (error as ToldError | undefined)?.name === 'ConditionalCheckFailedException';

/**
 * Whether a write that ended in this error may have been applied all the same, and may be sent again: its answer may have been
 * lost. Only what the engine refused for its form was certainly not applied on any attempt.
 */
export function mayHaveBeenApplied(error: unknown): boolean {
  const { $fault, $retryable, name, code } = (error ?? {}) as ToldError;
  return $fault === undefined
    ? error instanceof Error && NETWORK_ERRORS.test(`${name} ${code}`)
    : $fault === 'server' || $retryable !== undefined || isThrottle(error);
}
