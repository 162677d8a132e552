import type { Deps, PushedEvent } from '../../deps.ts';
import { invalidArgument, KinesisFault, limitExceeded, rateExceededForStream } from '../../faults.ts';
import { TTL_MARGIN_MS } from '../../log/protocol.ts';
import { shardId } from '../../model/shard.ts';
import { EventStream, eventFrame, exceptionFrame, initialFrame } from '../../protocol/event-stream.ts';
import { formatJson } from '../../protocol/json.ts';
import { endDryRun } from '../../quotas/dry-run.ts';
import { ReadRecordShape } from '../../reading/read-output.ts';
import { checkStartingPosition, locateStart } from '../../reading/starting-position.ts';
import { accessesConsumer } from '../../resources/accessed-resource.ts';
import { addressedShard } from '../../resources/addressed-stream.ts';
import { existingConsumer, type FoundConsumer, requireActiveConsumer } from '../../resources/existing-consumer.ts';
import { existingShard, type ShardContext } from '../../resources/existing-shard.ts';
import { ChildShard, ConsumerArn, SequenceNumber, ShardId, ShardIteratorType, StreamId } from '../../schema/shapes.ts';
import { boolean, list, long, required, structure, timestamp } from '../../schema/structure.ts';
import { StoreThrottled } from '../../store/store-errors.ts';
import { hasOthers, leaveSubscription, type Subscription, takeSubscription } from '../../store/subscription-item.ts';
import { streamingOperation } from '../operation.ts';
import {
  QUIET_MS,
  requireInForce,
  type Subscribed,
  type SubscriptionEvent,
  subscriptionEvents,
  subscriptionInUse,
  subscriptionName,
} from './subscription.ts';

/** How long a client may take for the last events after its subscription has ended, ms. */
const GRACE_MS = 30_000;

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShardEvent.html */
const SubscribeToShardEvent = structure({
  Records: required(list(ReadRecordShape)),
  ContinuationSequenceNumber: SequenceNumber,
  MillisBehindLatest: required(long({})),
  ChildShards: list(ChildShard),
});

/**
 * Pushes a shard's records to a registered consumer over an event stream, for five minutes.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html
 */
export const subscribeToShard = streamingOperation({
  name: 'SubscribeToShard',
  input: structure({
    ConsumerARN: required(ConsumerArn),
    ShardId: required(ShardId),
    StartingPosition: required(
      structure({
        Type: required(ShardIteratorType),
        SequenceNumber: SequenceNumber,
        Timestamp: timestamp,
      }),
    ),
    StreamId: StreamId,
    DryRun: boolean,
  }),
  output: structure({ EventStream: required(structure({ SubscribeToShardEvent })) }),
  faults: [
    'ResourceNotFoundException',
    'InvalidArgumentException',
    'ResourceInUseException',
    'LimitExceededException',
    'DryRunOperationException',
    'InternalFailure',
  ],
  accesses: accessesConsumer,
  async open(input, deps, caller) {
    if (!deps.streaming) {
      throw invalidArgument(
        'SubscribeToShard needs an answer that goes on, which this front door cannot give: deploy with frontDoor=function-url.',
      );
    }
    const found = await existingConsumer({ ConsumerARN: input.ConsumerARN }, deps);
    // This operation has a sentence of its own, with these spaces.
    requireActiveConsumer(found, ({ streamName, accountId }) => `stream: ${streamName} , account ${accountId}`);
    const context = await existingShard(found.reference, addressedShard(input.ShardId, found.reference), deps);
    const { Type: type, SequenceNumber: sequenceNumber, Timestamp: timestampMs } = input.StartingPosition;
    const start = { type, sequenceNumber, timestampMs };
    await checkStartingPosition(start, context, deps);
    endDryRun(input, found.reference, deps);
    const located = await locateStart(start, context, deps);
    const subscription = await granted(found, context, deps);
    const subscribed = { ...context, subscription, start: located, caller };
    return new EventStream((gone) => frames(subscribed, gone, deps), deps.limits.subscriptionMs + GRACE_MS, {
      everyMs: QUIET_MS,
      mayContinue: () => isInForce(subscribed, deps),
    });
  },
});

/** Makes this the consumer's subscription to the shard, and notifies the one that it replaces. @throws KinesisFault */
async function granted({ consumer }: FoundConsumer, context: ShardContext, deps: Deps): Promise<Subscription> {
  const { reference, stream, shard } = context;
  const { throttling, subscriptionsPerSecond, subscriptionMs, subscriptionGraceMs } = deps.limits;
  const startedMs = deps.now();
  const subscription = {
    streamId: stream.id,
    consumerName: consumer.name,
    consumerCreatedSeconds: consumer.createdSeconds,
    shardIndex: shard.index,
    id: deps.newId(),
    startedMs,
  };
  const name = subscriptionName(subscription);
  if (throttling && !deps.rates.admit(name, subscriptionsPerSecond)) {
    throw rateExceededForStream(reference);
  }
  const term = { graceMs: subscriptionGraceMs, ttl: Math.ceil((startedMs + subscriptionMs + TTL_MARGIN_MS) / 1000) };
  if (!(await takeSubscription(deps.tables, subscription, term))) {
    throw subscriptionInUse(reference, shard, consumer.name);
  }
  const { subscriptionsPerConsumer: limit } = deps.limits;
  if (await isBeyond(limit, subscription, startedMs - subscriptionMs, deps)) {
    await leaveSubscription(deps.tables, subscription);
    // Kinesis has no such limit, and so no sentence for it.
    throw limitExceeded(`Consumer ${consumer.name} has ${limit} subscriptions to other shards. Limit: ${limit}.`);
  }
  deps.signals.send(name);
  return subscription;
}

/** Whether a new subscription exceeds the limit. Of two that begin at the same time, both may exceed it. */
async function isBeyond(
  limit: number,
  subscription: Subscription,
  sinceMs: number,
  { tables }: Deps,
): Promise<boolean> {
  return Number.isSafeInteger(limit + 1) && (await hasOthers(tables, subscription, { sinceMs, count: limit }));
}

/** If the check itself fails, the subscription continues. */
async function isInForce(subscribed: Subscribed, deps: Deps): Promise<boolean> {
  try {
    await requireInForce(subscribed, deps);
    return true;
  } catch (error) {
    return !(error instanceof KinesisFault);
  }
}

async function* frames(subscribed: Subscribed, gone: AbortSignal, deps: Deps): AsyncGenerator<Uint8Array, void> {
  yield initialFrame();
  try {
    let bytes = 0;
    for await (const event of subscriptionEvents(subscribed, gone, deps)) {
      const frame = eventFrame('SubscribeToShardEvent', formatJson(SubscribeToShardEvent, event));
      yield frame;
      deps.pushed(pushedEvent(subscribed, event));
      bytes += frame.length;
      if (bytes >= deps.limits.subscriptionBytes) {
        // It ends as if its five minutes were over: clients then subscribe again.
        return;
      }
    }
  } catch (error) {
    yield faultFrame(error, deps);
  }
}

function pushedEvent(
  { subscription, reference, shard }: Subscribed,
  { Records, MillisBehindLatest }: SubscriptionEvent,
): PushedEvent {
  return {
    streamName: reference.streamName,
    consumerName: subscription.consumerName,
    shard: shardId(shard.index),
    records: Records.length,
    bytes: Records.reduce((sum, { Data, PartitionKey }) => sum + Data.length + Buffer.byteLength(PartitionKey), 0),
    behindMs: MillisBehindLatest,
  };
}

/** The fault that ends an event stream early. An unexpected error is logged, and sent as a fault without details. */
function faultFrame(error: unknown, deps: Deps): Uint8Array {
  if (error instanceof KinesisFault) {
    return exceptionFrame(error.code, error.sentence ?? '');
  }
  if (!(error instanceof StoreThrottled)) {
    deps.log.error('a subscription failed', error);
  }
  return exceptionFrame('InternalFailureException', 'Internal Service Failure');
}
