import type { Deps } from '../deps.ts';
import { invalidArgument, KinesisFault, limitExceeded, shardLimitExceeded, streamExists } from '../faults.ts';
import type { Stream, StreamMode } from '../model/stream.ts';
import { StreamModeDetails, StreamName, Tags } from '../schema/shapes.ts';
import { type Infer, integer, required, structure } from '../schema/structure.ts';
import { getStream, listStreams, putNewStream } from '../store/stream-item.ts';
import { operationWithoutOutput } from './operation.ts';
import { checkTags } from './tag-checks.ts';
import { newTransition, startTransition } from './transition.ts';

const input = structure({
  ShardCount: integer({ min: 1 }),
  StreamName: required(StreamName),
  StreamModeDetails: StreamModeDetails,
  Tags: Tags,
  WarmThroughputMiBps: integer({ min: 0 }),
  MaxRecordSizeInKiB: integer({ min: 1024, max: 10_240 }),
});

/** Shards are as old as the real service makes them: their second lies a little before the call. */
const CREATED_BEFORE_CALL_MS = 2_000;

/** Streams read at once while the account's are counted. */
const COUNT_PAGE = 1_000;

/** Creates a stream. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html */
export const createStream = operationWithoutOutput({
  name: 'CreateStream',
  input,
  faults: ['ResourceInUseException', 'LimitExceededException', 'InvalidArgumentException', 'ValidationException'],
  async handle(input, deps) {
    const reference = { streamName: input.StreamName, accountId: deps.account.accountId };
    if ((await getStream(deps.tables, input.StreamName)) !== undefined) {
      throw streamExists(reference);
    }
    const plan = planCapacity(input, deps);
    await checkAccountLimits(plan, deps);
    checkTags(input.Tags ?? {}, {}, reference, deps.limits);
    const stream = newStream(input, plan, deps);
    if (!(await putNewStream(deps.tables, stream))) {
      throw streamExists(reference);
    }
    await startTransition(stream, stream.transition, deps);
  },
});

interface Capacity {
  readonly mode: StreamMode;
  readonly shardCount: number;
}

/** Without a shard count and a mode a stream is on-demand, as on the real service. */
function planCapacity(
  { ShardCount, StreamModeDetails, WarmThroughputMiBps }: Infer<typeof input>,
  deps: Deps,
): Capacity {
  const mode = StreamModeDetails?.StreamMode ?? (ShardCount === undefined ? 'ON_DEMAND' : 'PROVISIONED');
  if (WarmThroughputMiBps !== undefined) {
    throw new KinesisFault(
      'ValidationException',
      'Request is invalid. WarmThroughputMiBps needs an on-demand stream of an account with a minimum throughput billing commitment.',
    );
  }
  if (mode === 'ON_DEMAND') {
    if (ShardCount !== undefined) {
      throw invalidArgument('ShardCount is not expected when StreamMode=ON_DEMAND');
    }
    return { mode, shardCount: deps.limits.onDemandShards };
  }
  if (ShardCount === undefined) {
    throw invalidArgument('ShardCount must be provided when StreamMode=PROVISIONED');
  }
  return { mode, shardCount: ShardCount };
}

async function checkAccountLimits({ mode, shardCount }: Capacity, deps: Deps): Promise<void> {
  const { account, limits } = deps;
  const streams = await allStreams(deps);
  const open = streams.reduce((sum, stream) => sum + stream.openShardCount, 0);
  if (mode === 'PROVISIONED' && open + shardCount > limits.accountShards) {
    throw shardLimitExceeded(account, { open, limit: limits.accountShards, additional: shardCount });
  }
  const onDemand = streams.filter((stream) => stream.mode === 'ON_DEMAND').length;
  if (mode === 'ON_DEMAND' && onDemand >= limits.accountOnDemandStreams) {
    throw limitExceeded(
      `This request would exceed the limit on the number of On-Demand streams for the account ${account.accountId} ` +
        `in ${account.region}. Current On-Demand streams count: ${onDemand}. Limit: ${limits.accountOnDemandStreams}.`,
    );
  }
  const changing = streams.filter((stream) => stream.status === 'CREATING' || stream.status === 'DELETING').length;
  if (changing >= limits.streamsInTransition) {
    // The misspelling and the double blank are the real service's.
    throw limitExceeded(
      'This request would have exceed the limit on the number  of streams that can simultaneously be in CREATING ' +
        `or DELETING for the account ${account.accountId}. Limit: ${limits.streamsInTransition}.`,
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

function newStream({ StreamName, Tags, MaxRecordSizeInKiB }: Infer<typeof input>, plan: Capacity, deps: Deps) {
  return {
    name: StreamName,
    id: deps.newId(),
    status: 'CREATING',
    mode: plan.mode,
    createdMs: Math.floor((deps.now() - CREATED_BEFORE_CALL_MS) / 1000) * 1000,
    retentionHours: deps.limits.retentionHours,
    maxRecordKiB: MaxRecordSizeInKiB ?? deps.limits.maxRecordKiB,
    openShardCount: plan.shardCount,
    activated: false,
    tags: Tags ?? {},
    transition: newTransition('CREATE', deps),
  } as const satisfies Stream;
}
