import type { BillingCommitment } from '../store/account-settings-item.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_MinimumThroughputBillingCommitmentOutput.html */
export type CommitmentStatus = 'ENABLED' | 'DISABLED' | 'ENABLED_UNTIL_EARLIEST_ALLOWED_END';

/** A commitment that was ended too early continues until its earliest end, and ends then. */
export function commitmentStatus({ startedMs, endMs }: BillingCommitment, nowMs: number): CommitmentStatus {
  if (startedMs === undefined || (endMs !== undefined && endMs <= nowMs)) {
    return 'DISABLED';
  }
  return endMs === undefined ? 'ENABLED' : 'ENABLED_UNTIL_EARLIEST_ALLOWED_END';
}
