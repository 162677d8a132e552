import type { HistoryEvent, RefusalEvent, TroubleEvent } from './history.ts';
import { type Violation, violation } from './readings.ts';
import { NO_RESULT, WRONG_COUNT } from './refusals.ts';
import type { RoundTerms } from './round-terms.ts';

/** How long a trouble may affect calls that begin after it, ms. */
const FELT_FOR_MS = 1_000;

/**
 * An append that waits, or finds no open shard for its key, gives up after about five seconds. A put that took this
 * long has waited.
 */
const WAITED_MS = 4_500;

/** A run whose process has died is continued within this time, ms. */
const TAKEN_UP_AFTER_MS = 60_000;

/** Every error in a response has a reason: what was done, or what went wrong around it. */
export function refusalViolations(history: readonly HistoryEvent[], terms: RoundTerms): Violation[] {
  const troubles = history.filter((event) => event.kind === 'trouble');
  return history
    .filter((event) => event.kind === 'refusal')
    .flatMap((refusal) => {
      const promise = brokenPromise(refusal, troubles, terms);
      return promise === undefined ? [] : [violation(promise, refusal)];
    });
}

function brokenPromise(
  refusal: RefusalEvent,
  troubles: readonly TroubleEvent[],
  { throttling }: RoundTerms,
): string | undefined {
  const { error, status } = refusal;
  if (error === NO_RESULT || error === WRONG_COUNT) {
    return 'every record of a put is told of';
  }
  if (status >= 500 || error === 'InternalFailure') {
    return hasFailedFor(refusal, troubles) ? undefined : 'a call fails only when something is wrong';
  }
  if (error === 'ProvisionedThroughputExceededException' || error === 'LimitExceededException') {
    return throttling || isBeyondScale(refusal) || isTooMuch(refusal, troubles)
      ? undefined
      : 'a call is refused for load only when there is too much';
  }
  return isExpected(refusal) ? undefined : 'a call is refused for a reason';
}

/**
 * Whether something was wrong where the call was carried out. A put that has waited may have found no open shard. Then
 * something may have been wrong with a reshard anywhere.
 */
function hasFailedFor(refusal: RefusalEvent, troubles: readonly TroubleEvent[]): boolean {
  const sinceMs = hasWaited(refusal) ? TAKEN_UP_AFTER_MS : FELT_FOR_MS;
  return troubles.some((trouble) => isFelt(trouble, refusal, sinceMs));
}

/**
 * Whether a change was too large, because shards were counted before another change. This limit is not about load, and
 * applies without throttling too.
 */
const isBeyondScale = ({ action, message }: RefusalEvent): boolean =>
  action === 'UpdateShardCount' && /^UpdateShardCount cannot scale (up|down) /.test(message);

/** Whether DynamoDB throttled calls, or other appends came first. */
function isTooMuch(refusal: RefusalEvent, troubles: readonly TroubleEvent[]): boolean {
  return (
    hasWaited(refusal) ||
    troubles.some((trouble) => trouble.what === 'throttled' && isFelt(trouble, refusal, FELT_FOR_MS))
  );
}

const hasWaited = ({ action, startMs, endMs }: RefusalEvent): boolean =>
  (action === 'PutRecord' || action === 'PutRecords') && endMs - startMs >= WAITED_MS;

/** Whether a trouble existed while a call ran, or shortly before, where the call was carried out. */
function isFelt({ endpoint, startMs, endMs }: TroubleEvent, call: RefusalEvent, sinceMs: number): boolean {
  const isThere = endpoint === undefined || endpoint === call.endpoint || sinceMs > FELT_FOR_MS;
  return isThere && startMs <= call.endMs && endMs >= call.startMs - sinceMs;
}

/** Actions whose callers have to expect refusals: a change was made before, is under way, or changes nothing. */
const CHANGES = new Set([
  'CreateStream',
  'DeleteStream',
  'SplitShard',
  'MergeShards',
  'UpdateShardCount',
  'UpdateMaxRecordSize',
  'IncreaseStreamRetentionPeriod',
  'DecreaseStreamRetentionPeriod',
  'RegisterStreamConsumer',
  'SubscribeToShard',
]);

const ANSWERS_OF_CHANGES = new Set(['ResourceInUseException', 'ResourceNotFoundException', 'InvalidArgumentException']);

/** Part of the names of streams that are deleted in the middle of everything. */
const DELETED = '.phoenix';

function isExpected({ action, error, stream, message }: RefusalEvent): boolean {
  const isDeleted = stream.includes(DELETED) || message.includes(DELETED);
  const notThere = error === 'ResourceNotFoundException' || error === 'ResourceInUseException';
  return (
    (isDeleted && notThere) ||
    (CHANGES.has(action) && ANSWERS_OF_CHANGES.has(error)) ||
    // A consumer describes itself before it registers.
    (action === 'DescribeStreamConsumer' && error === 'ResourceNotFoundException')
  );
}
