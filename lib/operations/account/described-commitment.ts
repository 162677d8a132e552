import { commitmentStatus } from '../../quotas/billing-commitment.ts';
import { required, string, structure, timestamp } from '../../schema/structure.ts';
import type { BillingCommitment } from '../../store/account-settings-item.ts';

export const MinimumThroughputBillingCommitment = structure({
  Status: required(string({ enum: ['ENABLED', 'DISABLED', 'ENABLED_UNTIL_EARLIEST_ALLOWED_END'] })),
  StartedAt: timestamp,
  EndedAt: timestamp,
  EarliestAllowedEndAt: timestamp,
});

export function describedCommitment(commitment: BillingCommitment, nowMs: number) {
  const { startedMs, earliestEndMs, endMs } = commitment;
  const status = commitmentStatus(commitment, nowMs);
  return {
    Status: status,
    ...(startedMs !== undefined && { StartedAt: startedMs }),
    ...(status === 'DISABLED' && endMs !== undefined && { EndedAt: endMs }),
    ...(earliestEndMs !== undefined && status !== 'DISABLED' && { EarliestAllowedEndAt: earliestEndMs }),
  };
}
