import type { Deps } from '../../lib/deps.ts';
import { KinesisFault, rateExceededForAccount, throughputExceededForAccount } from '../../lib/faults.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { StoreThrottled } from '../../lib/store/store-errors.ts';

/**
 * The fault that a client gets for an error. If DynamoDB throttles, the client gets the fault for calls beyond a
 * limit, because clients retry it.
 * @returns undefined for an unexpected error
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
