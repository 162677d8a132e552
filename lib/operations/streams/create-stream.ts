import type { Deps } from '../../deps.ts';
import { invalidArgument, KinesisFault, limitExceeded, streamExists } from '../../faults.ts';
import type { Stream, StreamMode } from '../../model/stream.ts';
import { checkOnDemandLimit, checkShardLimit, countAccount } from '../../quotas/account-counts.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { checkTags } from '../../resources/tag-checks.ts';
import { newTransition, startRun } from '../../resources/workflow-runs.ts';
import { StreamModeDetails, StreamName, Tags } from '../../schema/shapes.ts';
import { type Infer, integer, required, structure } from '../../schema/structure.ts';
import { getStream, putNewStream } from '../../store/stream-item.ts';
import { deleteStreamResource, putStreamResource } from '../../store/stream-resource-item.ts';
import { operationWithoutOutput } from '../operation.ts';
import { checkWarmThroughput } from './warm-throughput.ts';

const createStreamInput = structure({
  ShardCount: integer({ min: 1 }),
  StreamName: required(StreamName),
  StreamModeDetails: StreamModeDetails,
  Tags: Tags,
  WarmThroughputMiBps: integer({ min: 0 }),
  MaxRecordSizeInKiB: integer({ min: 1024, max: 10_240 }),
});

/** The real service dates new shards slightly before the call. */
const CREATED_BEFORE_CALL_MS = 2_000;

/** Creates a stream. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html */
export const createStream = operationWithoutOutput({
  name: 'CreateStream',
  input: createStreamInput,
  faults: ['ResourceInUseException', 'LimitExceededException', 'InvalidArgumentException', 'ValidationException'],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = { streamName: input.StreamName, accountId: deps.account.accountId };
    if ((await getStream(deps.tables, input.StreamName)) !== undefined) {
      throw streamExists(reference);
    }
    const plan = await planCapacity(input, deps);
    await checkAccountLimits(plan, deps);
    checkTags(input.Tags ?? {}, {}, reference, deps.limits);
    const stream = newStream(input, plan, deps);
    await putStreamResource(deps.tables, stream, { tags: input.Tags ?? {}, policy: null }, 0);
    if (!(await putNewStream(deps.tables, stream))) {
      await deleteStreamResource(deps.tables, stream);
      throw streamExists(reference);
    }
    await startRun(stream, stream.transition, deps);
  },
});

interface Capacity {
  readonly mode: StreamMode;
  readonly shardCount: number;
  readonly warmMiBps: number | null;
}

/** Without a shard count and a mode a stream is on-demand, as on the real service. */
async function planCapacity(input: Infer<typeof createStreamInput>, deps: Deps): Promise<Capacity> {
  const { ShardCount, StreamModeDetails, WarmThroughputMiBps: warmMiBps } = input;
  const mode = StreamModeDetails?.StreamMode ?? (ShardCount === undefined ? 'ON_DEMAND' : 'PROVISIONED');
  if (mode === 'PROVISIONED') {
    if (ShardCount === undefined) {
      throw invalidArgument('ShardCount must be provided when StreamMode=PROVISIONED');
    }
    if (warmMiBps !== undefined) {
      throw new KinesisFault('ValidationException', 'Request is invalid. WarmThroughputMiBps needs On-Demand mode.');
    }
    return { mode, shardCount: ShardCount, warmMiBps: null };
  }
  if (ShardCount !== undefined) {
    throw invalidArgument('ShardCount is not expected when StreamMode=ON_DEMAND');
  }
  if (warmMiBps !== undefined) {
    await checkWarmThroughput(warmMiBps, deps);
  }
  return { mode, shardCount: deps.limits.onDemandShards, warmMiBps: warmMiBps ?? null };
}

async function checkAccountLimits({ mode, shardCount }: Capacity, deps: Deps): Promise<void> {
  const counts = await countAccount(deps);
  if (mode === 'PROVISIONED') {
    checkShardLimit(counts, shardCount, deps);
  } else {
    checkOnDemandLimit(counts, deps);
  }
  const { account, limits } = deps;
  if (counts.inTransition >= limits.streamsInTransition) {
    // The real service has this spelling and this double space.
    throw limitExceeded(
      'This request would have exceed the limit on the number  of streams that can simultaneously be in CREATING ' +
        `or DELETING for the account ${account.accountId}. Limit: ${limits.streamsInTransition}.`,
    );
  }
}

function newStream({ StreamName, MaxRecordSizeInKiB }: Infer<typeof createStreamInput>, plan: Capacity, deps: Deps) {
  return {
    name: StreamName,
    id: deps.newId(),
    status: 'CREATING',
    mode: plan.mode,
    createdMs: Math.floor((deps.now() - CREATED_BEFORE_CALL_MS) / 1000) * 1000,
    retentionHours: deps.limits.retentionHours,
    maxRecordKiB: MaxRecordSizeInKiB ?? deps.limits.maxRecordKiB,
    revision: 1,
    openShardCount: plan.shardCount,
    nextShardIndex: plan.shardCount,
    activated: false,
    shardLevelMetrics: [],
    keyId: null,
    warmMiBps: plan.warmMiBps,
    warmTargetMiBps: plan.warmMiBps,
    mayHavePolicy: false,
    calledMs: {},
    transition: newTransition({ kind: 'CREATE' }, deps),
  } as const satisfies Stream;
}
