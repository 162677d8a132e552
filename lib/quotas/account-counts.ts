import type { Deps } from '../deps.ts';
import { limitExceeded, shardLimitExceeded } from '../faults.ts';
import type { Stream } from '../model/stream.ts';
import { listStreams } from '../store/stream-item.ts';

/** The streams of one page while all are counted. */
const COUNT_PAGE = 1_000;

/** The counts of an account that have limits. */
export interface AccountCounts {
  /** Open shards of all streams, whatever their mode and status. */
  readonly openShards: number;
  readonly onDemandStreams: number;
  /** Streams that are CREATING or DELETING. */
  readonly inTransition: number;
  /** Streams for which capacity is kept ready. */
  readonly warmStreams: number;
}

export async function countAccount(deps: Deps): Promise<AccountCounts> {
  const streams = await allStreams(deps);
  return {
    openShards: streams.reduce((sum, stream) => sum + stream.openShardCount, 0),
    onDemandStreams: streams.filter((stream) => stream.mode === 'ON_DEMAND').length,
    inTransition: streams.filter(({ status }) => status === 'CREATING' || status === 'DELETING').length,
    warmStreams: streams.filter(isWarm).length,
  };
}

const isWarm = ({ warmMiBps, warmTargetMiBps }: Stream): boolean => (warmMiBps ?? 0) > 0 || (warmTargetMiBps ?? 0) > 0;

/** @throws KinesisFault LimitExceededException when so many more open shards are too many for the account */
export function checkShardLimit({ openShards }: AccountCounts, additional: number, deps: Deps): void {
  const limit = deps.limits.accountShards;
  if (openShards + additional > limit) {
    throw shardLimitExceeded(deps.account, { open: openShards, limit, additional });
  }
}

/** @throws KinesisFault LimitExceededException when the account can have no further on-demand stream */
export function checkOnDemandLimit({ onDemandStreams }: AccountCounts, deps: Deps): void {
  const limit = deps.limits.accountOnDemandStreams;
  if (onDemandStreams >= limit) {
    const { accountId, region } = deps.account;
    throw limitExceeded(
      `This request would exceed the limit on the number of On-Demand streams for the account ${accountId} ` +
        `in ${region}. Current On-Demand streams count: ${onDemandStreams}. Limit: ${limit}.`,
    );
  }
}

async function allStreams(deps: Deps): Promise<Stream[]> {
  const all: Stream[] = [];
  for (let more = true; more; ) {
    const page = await listStreams(deps.tables, { after: all.at(-1)?.name, limit: COUNT_PAGE });
    all.push(...page.streams);
    more = page.more;
  }
  return all;
}
