import { countAccount } from '../../quotas/account-counts.ts';
import { accessesAccount } from '../../resources/accessed-resource.ts';
import { integer, required, structure } from '../../schema/structure.ts';
import { operation } from '../operation.ts';

/** Returns the account's limits. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeLimits.html */
export const describeLimits = operation({
  name: 'DescribeLimits',
  input: structure({}),
  output: structure({
    ShardLimit: required(integer({})),
    OpenShardCount: required(integer({})),
    OnDemandStreamCount: required(integer({})),
    OnDemandStreamCountLimit: required(integer({})),
  }),
  faults: ['LimitExceededException'],
  rate: { callsPerSecond: 1, per: 'account' },
  accesses: accessesAccount,
  async handle(_input, deps) {
    const counts = await countAccount(deps);
    return {
      ShardLimit: deps.limits.accountShards,
      OpenShardCount: counts.openShards,
      OnDemandStreamCount: counts.onDemandStreams,
      OnDemandStreamCountLimit: deps.limits.accountOnDemandStreams,
    };
  },
});
