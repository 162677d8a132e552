import type { Deps } from '../../deps.ts';
import { KinesisFault } from '../../faults.ts';
import { countAccount } from '../../quotas/account-counts.ts';
import { commitmentStatus } from '../../quotas/billing-commitment.ts';
import { accessesAccount } from '../../resources/accessed-resource.ts';
import { required, string, structure } from '../../schema/structure.ts';
import {
  type BillingCommitment,
  getBillingCommitment,
  putBillingCommitment,
} from '../../store/account-settings-item.ts';
import { operation } from '../operation.ts';
import { describedCommitment, MinimumThroughputBillingCommitment } from './described-commitment.ts';

/** A commitment lasts at least a day. */
const MIN_COMMITMENT_MS = 86_400_000;

/**
 * Begins or ends the account's billing commitment.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateAccountSettings.html
 */
export const updateAccountSettings = operation({
  name: 'UpdateAccountSettings',
  input: structure({
    MinimumThroughputBillingCommitment: required(
      structure({ Status: required(string({ enum: ['ENABLED', 'DISABLED'] })) }),
    ),
  }),
  output: structure({ MinimumThroughputBillingCommitment: MinimumThroughputBillingCommitment }),
  faults: ['InvalidArgumentException', 'ValidationException', 'LimitExceededException'],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesAccount,
  async handle(input, deps) {
    const nowMs = deps.now();
    const current = await getBillingCommitment(deps.tables);
    const wanted = input.MinimumThroughputBillingCommitment.Status;
    const changed = changedCommitment(current, wanted, nowMs);
    if (changed !== current && wanted === 'DISABLED') {
      await requireNothingWarm(deps);
    }
    if (changed !== current) {
      await putBillingCommitment(deps.tables, changed);
    }
    return { MinimumThroughputBillingCommitment: describedCommitment(changed, nowMs) };
  },
});

/** @throws KinesisFault ValidationException while capacity is kept ready for a stream */
async function requireNothingWarm(deps: Deps): Promise<void> {
  const { warmStreams } = await countAccount(deps);
  if (warmStreams > 0) {
    // Nobody has shown the service's own words.
    throw new KinesisFault(
      'ValidationException',
      `Request is invalid. ${warmStreams} streams have warm throughput, which needs the billing commitment.`,
    );
  }
}

function changedCommitment(
  current: BillingCommitment,
  wanted: 'ENABLED' | 'DISABLED',
  nowMs: number,
): BillingCommitment {
  const status = commitmentStatus(current, nowMs);
  if (wanted === 'DISABLED') {
    return status === 'ENABLED' ? { ...current, endMs: Math.max(nowMs, current.earliestEndMs ?? nowMs) } : current;
  }
  switch (status) {
    case 'ENABLED':
      return current;
    case 'DISABLED':
      return { startedMs: nowMs, earliestEndMs: nowMs + MIN_COMMITMENT_MS };
    case 'ENABLED_UNTIL_EARLIEST_ALLOWED_END': {
      const { endMs: _cancelled, ...withoutEnd } = current;
      return withoutEnd;
    }
  }
}
