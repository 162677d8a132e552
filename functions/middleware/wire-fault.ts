import type { Deps } from '../../lib/deps.ts';
import { KinesisFault, rateExceededForAccount, throughputExceededForAccount } from '../../lib/faults.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { StoreThrottled } from '../../lib/store/store-errors.ts';

/**
 * What the client is told of an error: of an overloaded DynamoDB in the words for calls beyond a limit, which clients take
 * back and send again.
 * @returns undefined for an error that nobody foresaw
 */
export function wireFault(
  error: unknown,
  operation: Operation | undefined,
  { account }: Deps,
): KinesisFault | undefined {
  if (error instanceof KinesisFault) {
    return error;
  }
  if (!(error instanceof StoreThrottled)) {
    return undefined;
  }
  return operation?.faults.includes('ProvisionedThroughputExceededException')
    ? throughputExceededForAccount(account.accountId)
    : rateExceededForAccount(account.accountId);
}
