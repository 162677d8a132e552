import type { Deps } from '../../deps.ts';
import { KinesisFault } from '../../faults.ts';
import { commitmentStatus } from '../../quotas/billing-commitment.ts';
import { getBillingCommitment } from '../../store/account-settings-item.ts';

/** 10 GiB a second. */
const MAX_WARM_MIBPS = 10_240;

/** @throws KinesisFault ValidationException unless the account's commitment stands and the throughput is one there is */
export async function checkWarmThroughput(warmMiBps: number, deps: Deps): Promise<void> {
  const commitment = await getBillingCommitment(deps.tables);
  if (commitmentStatus(commitment, deps.now()) === 'DISABLED') {
    throw new KinesisFault(
      'ValidationException',
      'Request is invalid. Warm throughput needs the minimum throughput billing commitment of the account.',
    );
  }
  if (warmMiBps > MAX_WARM_MIBPS) {
    throw new KinesisFault(
      'ValidationException',
      `Request is invalid. Warm throughput cannot be greater than ${MAX_WARM_MIBPS} MiBps.`,
    );
  }
}
