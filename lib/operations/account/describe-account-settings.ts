import { accessesAccount } from '../../resources/accessed-resource.ts';
import { structure } from '../../schema/structure.ts';
import { getBillingCommitment } from '../../store/account-settings-item.ts';
import { operation } from '../operation.ts';
import { describedCommitment, MinimumThroughputBillingCommitment } from './described-commitment.ts';

/**
 * Returns the account's billing commitment.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeAccountSettings.html
 */
export const describeAccountSettings = operation({
  name: 'DescribeAccountSettings',
  input: structure({}),
  output: structure({ MinimumThroughputBillingCommitment: MinimumThroughputBillingCommitment }),
  faults: ['LimitExceededException'],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesAccount,
  async handle(_input, deps) {
    const commitment = await getBillingCommitment(deps.tables);
    return { MinimumThroughputBillingCommitment: describedCommitment(commitment, deps.now()) };
  },
});
