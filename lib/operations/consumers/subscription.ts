import { setTimeout as sleep } from 'node:timers/promises';
import type { Deps } from '../../deps.ts';
import { KinesisFault, type StreamReference, streamNotFound } from '../../faults.ts';
import type { ReadResult } from '../../log/read-progress.ts';
import { shardName } from '../../log/shard-name.ts';
import { consumerStatus } from '../../model/consumer.ts';
import { type RecordPosition, sequenceIndexOf } from '../../model/position.ts';
import { formatSequenceNumber } from '../../model/sequence-number.ts';
import { type Shard, shardId } from '../../model/shard.ts';
import { retentionMs, type Stream } from '../../model/stream.ts';
import { describedChildren, describedRecords, millisBehind } from '../../reading/read-output.ts';
import type { LocatedPosition } from '../../reading/starting-position.ts';
import { consumerNotFound } from '../../resources/existing-consumer.ts';
import type { Watch } from '../../runtime/signals.ts';
import { type Moment, Stopwatch } from '../../runtime/stopwatch.ts';
import { getConsumer } from '../../store/consumer-item.ts';
import { hasSubscription, type Subscription } from '../../store/subscription-item.ts';
import type { Caller } from '../operation.ts';

/** One event of a subscription. */
export interface SubscriptionEvent {
  readonly Records: ReturnType<typeof describedRecords>;
  /** Absent once the shard has ended. */
  readonly ContinuationSequenceNumber?: string;
  readonly MillisBehindLatest: number;
  readonly ChildShards?: ReturnType<typeof describedChildren>;
}

/** A subscription that was granted, and where it begins. */
export interface Subscribed {
  readonly subscription: Subscription;
  readonly reference: StreamReference;
  /** Taken before the stream was read: its retention period may have changed since. */
  readonly readAt: Moment;
  readonly stream: Stream;
  readonly shard: Shard;
  readonly start: LocatedPosition;
  /** Checked again while the subscription lasts. Undefined: the subscriber may read for as long as it lasts. */
  readonly caller?: Caller | undefined;
}

/** The most bytes of data and partition keys in one event. With base64 and names it stays below what clients accept. */
const EVENT_BYTES = 1_048_576;

/** The shortest and the longest pause after an empty read, ms. An append of this process ends a pause early. */
const MIN_PAUSE_MS = 20;
const MAX_PAUSE_MS = 1_000;

/** How often an event is sent even without records, or clients consider the connection broken; and how often the subscription is checked, ms. */
export const QUIET_MS = 5_000;

/** The name by which other subscriptions of this process notify this one. */
export const subscriptionName = ({
  streamId,
  consumerName,
  consumerCreatedSeconds,
  shardIndex,
}: Subscription): string => `subscription ${streamId} ${consumerName} ${consumerCreatedSeconds} ${shardIndex}`;

/**
 * The events of a subscription: the records of the log, as they arrive, for five minutes or until the shard has ended.
 * @throws KinesisFault ResourceInUseException once another one has taken over; ResourceNotFoundException once the stream or
 * the consumer is gone; AccessDeniedException once the subscriber may no longer read
 */
export async function* subscriptionEvents(
  subscribed: Subscribed,
  gone: AbortSignal,
  deps: Deps,
): AsyncGenerator<SubscriptionEvent, void> {
  const { subscription } = subscribed;
  const name = subscriptionName(subscription);
  const takenOver = deps.signals.watch(name);
  const watch = deps.signals.watch(shardName(subscription), name);
  try {
    yield* pushed(subscribed, { gone, watch, takenOver }, deps);
  } finally {
    watch.close();
    takenOver.close();
  }
}

/** What a subscription waits for. */
interface Awaited {
  readonly gone: AbortSignal;
  /** Woken by an append to the shard, or when another subscription has replaced this one. */
  readonly watch: Watch;
  readonly takenOver: Watch;
}

async function* pushed(subscribed: Subscribed, awaited: Awaited, deps: Deps): AsyncGenerator<SubscriptionEvent, void> {
  const { shard, start } = subscribed;
  const { subscriptionMs } = deps.limits;
  let next: LocatedPosition = start;
  const stopwatch = new Stopwatch(deps.now);
  const begun = stopwatch.moment();
  let told: Moment | undefined;
  let checked = begun;
  let pauseMs = MIN_PAUSE_MS;
  while (!awaited.gone.aborted && stopwatch.ageMs(begun) < subscriptionMs) {
    const result = await readOn(subscribed, next, deps);
    next = result.records.length > 0 ? result.next : { ...next, ...result.next };
    const children = result.ended ? await endOf(subscribed, deps) : undefined;
    if (children !== undefined) {
      yield { Records: describedRecords(result.records, shard), MillisBehindLatest: 0, ChildShards: children };
      return;
    }
    if (awaited.takenOver.isWoken || stopwatch.ageMs(checked) >= QUIET_MS) {
      await requireInForce(subscribed, deps);
      checked = stopwatch.moment();
    }
    if (result.records.length > 0 || told === undefined || stopwatch.ageMs(told) >= QUIET_MS) {
      yield eventOf(result, shard, deps);
      told = stopwatch.moment();
    }
    const mostMs = Math.max(0, Math.min(subscriptionMs - stopwatch.ageMs(begun), QUIET_MS - stopwatch.ageMs(told)));
    pauseMs = await rest(result, { pauseMs, mostMs }, awaited, deps);
  }
}

/** Waits before the next read. @returns the pause to begin with next time, ms */
async function rest(
  { records, bytes, atTip }: ReadResult,
  { pauseMs, mostMs }: { readonly pauseMs: number; readonly mostMs: number },
  { gone, watch }: Awaited,
  deps: Deps,
): Promise<number> {
  const nothingCame = records.length === 0;
  const longerMs = nothingCame ? Math.min(pauseMs * 2, MAX_PAUSE_MS) : MIN_PAUSE_MS;
  const paceMs = pacingMs(bytes, deps);
  if (paceMs > 0) {
    await sleep(paceMs, undefined, { signal: gone }).catch(() => {});
  }
  if (!nothingCame && !atTip) {
    return longerMs;
  }
  return (await watch.wait(Math.min(longerMs, mostMs), gone)) === 'woken' ? MIN_PAUSE_MS : longerMs;
}

function readOn({ readAt, stream, shard }: Subscribed, from: LocatedPosition, deps: Deps): Promise<ReadResult> {
  return deps.reader.read({
    shard: { streamId: stream.id, shardIndex: shard.index },
    from,
    maxRecords: deps.limits.getRecordsCount,
    maxBytes: EVENT_BYTES,
    retentionMs: retentionMs(stream),
    retentionReadMs: readAt.wallMs,
    trimmedMs: stream.trimmedMs,
    notBeforeMs: from.notBeforeMs ?? 0,
  });
}

/** How long to wait so that one consumer gets no more than a shard's bytes a second, ms. */
function pacingMs(bytes: number, { limits }: Deps): number {
  return limits.throttling ? (bytes * 1_000) / limits.shardReadBytesPerSecond : 0;
}

function eventOf(result: ReadResult, shard: Shard, deps: Deps): SubscriptionEvent {
  const Records = describedRecords(result.records, shard);
  return {
    Records,
    ContinuationSequenceNumber: Records.at(-1)?.SequenceNumber ?? numberBefore(result.next, shard, deps),
    MillisBehindLatest: millisBehind(result, deps.now()),
  };
}

/** The greatest sequence number below a place: a reader that continues after this number continues at the place. */
function numberBefore(place: RecordPosition, shard: Shard, deps: Deps): string {
  return formatSequenceNumber({
    shardCreatedSeconds: shard.createdSeconds,
    shardIndex: shard.index,
    sequenceIndex: sequenceIndexOf(place) - 1n,
    timeSeconds: Math.max(shard.createdSeconds, Math.floor(deps.now() / 1000)),
  });
}

/**
 * The child shards of a shard that has ended. Undefined until all of them are open.
 * @throws KinesisFault ResourceNotFoundException when the shard has ended with its stream
 */
async function endOf({ stream, shard, reference }: Subscribed, deps: Deps) {
  const entry = await deps.catalog.refresh(stream.name);
  if (entry?.stream.id !== stream.id) {
    throw streamNotFound(reference);
  }
  const children = describedChildren(shard, entry);
  return children.length > 0 ? children : undefined;
}

/**
 * Checks that a subscription is still valid.
 * @throws KinesisFault as `subscriptionEvents` does
 */
export async function requireInForce(
  { subscription, reference, shard, caller }: Subscribed,
  deps: Deps,
): Promise<void> {
  const { streamId, consumerName, consumerCreatedSeconds } = subscription;
  const consumer = await getConsumer(deps.tables, streamId, consumerName);
  const status = consumer && consumerStatus(consumer, deps.now(), deps.transitionMs);
  if (consumer?.createdSeconds !== consumerCreatedSeconds || status !== 'ACTIVE') {
    throw consumerNotFound(consumerName, reference);
  }
  if (!(await hasSubscription(deps.tables, subscription))) {
    throw subscriptionInUse(reference, shard, consumerName);
  }
  await caller?.requireAllowed();
}

/** The fault of a subscription that comes too early, and of one that another has replaced. */
export const subscriptionInUse = (
  { accountId, streamName }: StreamReference,
  shard: Shard,
  consumerName: string,
): KinesisFault =>
  new KinesisFault(
    'ResourceInUseException',
    `Another active subscription exists for this consumer: ${accountId}:${streamName}:${shardId(shard.index)}:${consumerName}`,
  );
