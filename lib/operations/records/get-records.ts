import type { Deps } from '../../deps.ts';
import { invalidArgument, KinesisFault, shardDoesNotExist } from '../../faults.ts';
import type { ReadResult } from '../../log/read-progress.ts';
import type { Limits } from '../../model/limits.ts';
import { type Shard, shardId } from '../../model/shard.ts';
import {
  formatShardIterator,
  parseShardIterator,
  type ShardIterator as ShardIteratorToken,
} from '../../model/shard-iterator.ts';
import { retentionMs, streamArn } from '../../model/stream.ts';
import { enforceReadRate, spendReadBytes } from '../../quotas/call-rate.ts';
import { endDryRun } from '../../quotas/dry-run.ts';
import {
  bytesInResponse,
  describedChildren,
  describedRecords,
  millisBehind,
  ReadRecordShape,
} from '../../reading/read-output.ts';
import { scaleDownIfDue } from '../../resources/scale-down.ts';
import { restartStuckRunsThrottled } from '../../resources/workflow-runs.ts';
import { ChildShard, ShardIterator, StreamArn, StreamId } from '../../schema/shapes.ts';
import { boolean, integer, list, long, required, structure } from '../../schema/structure.ts';
import type { StreamEntry } from '../../store/stream-catalog.ts';
import { operation } from '../operation.ts';

/** How far the clocks of two processes may differ. An iterator from further in the future is refused, ms. */
const CLOCK_TOLERANCE_MS = 60_000;

/** Reads records from an iterator on. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
export const getRecords = operation({
  name: 'GetRecords',
  input: structure({
    Limit: integer({ min: 1, max: 10_000 }),
    ShardIterator: required(ShardIterator),
    StreamARN: StreamArn,
    StreamId: StreamId,
    DryRun: boolean,
  }),
  output: structure({
    Records: required(list(ReadRecordShape)),
    NextShardIterator: ShardIterator,
    MillisBehindLatest: long({}),
    ChildShards: list(ChildShard),
  }),
  faults: [
    'ResourceNotFoundException',
    'InvalidArgumentException',
    'ProvisionedThroughputExceededException',
    'ExpiredIteratorException',
    'DryRunOperationException',
    'InternalFailure',
  ],
  async accesses({ ShardIterator: text }, deps) {
    const iterator = parseShardIterator(await deps.tokenCipher(), text);
    return iterator && { resource: streamArn(deps.account, iterator.streamName) };
  },
  async handle(input, deps) {
    const iterator = await readIterator(input.ShardIterator, deps);
    if (input.StreamARN !== undefined && input.StreamARN !== streamArn(deps.account, iterator.streamName)) {
      throw invalidArgument('Invalid ShardIterator.');
    }
    const { entry, shard } = await iteratedShard(iterator, deps);
    const reference = { streamName: iterator.streamName, accountId: deps.account.accountId };
    endDryRun(input, reference, deps);
    const read = { call: 'GetRecords', reference, shardIndex: shard.index } as const;
    enforceReadRate(read, deps);
    const answer = answerLimit(deps.limits);
    const result = await deps.reader.read({
      shard: iterator,
      from: iterator,
      maxRecords: Math.min(input.Limit ?? deps.limits.getRecordsCount, deps.limits.getRecordsCount),
      maxBytes: deps.limits.getRecordsBytes,
      answer,
      retentionMs: retentionMs(entry.stream),
      retentionReadMs: entry.readAt.wallMs,
      trimmedMs: entry.stream.trimmedMs,
      notBeforeMs: iterator.notBeforeMs ?? 0,
    });
    spendReadBytes(read, result.bytes, deps);
    requireFitting(result, shard, answer);
    const children = result.ended ? await childShards(shard, entry, deps) : [];
    return {
      Records: describedRecords(result.records, shard),
      MillisBehindLatest: millisBehind(result, deps.now()),
      // Until the children are open, the shard has not ended for readers: they call again.
      ...(children.length > 0
        ? { ChildShards: children }
        : { NextShardIterator: await nextIterator(iterator, result, deps) }),
    };
  },
});

/** @returns undefined if responses may have any size */
const answerLimit = ({ answerBytes }: Limits) =>
  answerBytes === Number.MAX_SAFE_INTEGER ? undefined : { maxBytes: answerBytes, bytesOf: bytesInResponse };

/**
 * Refuses a record that is too large for any response of this front door. The reader learns its sequence number: the record is not
 * skipped silently, and readers can continue after it.
 * @throws KinesisFault InvalidArgumentException
 */
function requireFitting({ records }: ReadResult, shard: Shard, answer: ReturnType<typeof answerLimit>): void {
  const [first] = records;
  if (answer && first && records.length === 1 && answer.bytesOf(first) > answer.maxBytes) {
    const [told] = describedRecords(records, shard);
    throw invalidArgument(
      `The record with the sequence number ${told?.SequenceNumber} is too large for an answer of this endpoint. ` +
        'Deployed with frontDoor=function-url, it is not. An iterator AFTER_SEQUENCE_NUMBER of it goes on behind it.',
    );
  }
}

/** @throws KinesisFault InvalidArgumentException, ExpiredIteratorException */
async function readIterator(text: string, deps: Deps): Promise<ShardIteratorToken> {
  const iterator = parseShardIterator(await deps.tokenCipher(), text);
  if (iterator === undefined) {
    throw invalidArgument('Invalid ShardIterator.');
  }
  const nowMs = deps.now();
  const { iteratorLifeMs } = deps.limits;
  if (iterator.issuedMs > nowMs + CLOCK_TOLERANCE_MS) {
    throw invalidArgument('Invalid ShardIterator.');
  }
  if (nowMs - iterator.issuedMs > iteratorLifeMs) {
    throw new KinesisFault(
      'ExpiredIteratorException',
      `Iterator expired. The iterator was created at time ${javaDate(iterator.issuedMs)} while right now it is ` +
        `${javaDate(nowMs)} which is further in the future than the tolerated delay of ${iteratorLifeMs} milliseconds.`,
    );
  }
  return iterator;
}

/** `Thu Jan 22 01:22:02 UTC 2015`, as Java prints dates. */
function javaDate(ms: number): string {
  const [weekday, day, month, year, time] = new Date(ms).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}

/**
 * The stream and shard that an iterator was made for.
 * @throws KinesisFault ResourceNotFoundException when either is gone, or the stream is another one of the same name
 */
async function iteratedShard(
  iterator: ShardIteratorToken,
  deps: Deps,
): Promise<{ readonly entry: StreamEntry; readonly shard: Shard }> {
  const find = (entry: StreamEntry | undefined) =>
    entry?.stream.id === iterator.streamId
      ? entry.shards.find((shard) => shard.index === iterator.shardIndex)
      : undefined;
  const remembered = await deps.catalog.get(iterator.streamName);
  const entry = find(remembered) === undefined ? await deps.catalog.refresh(iterator.streamName) : remembered;
  const shard = find(entry);
  if (entry === undefined || shard === undefined) {
    const reference = { streamName: iterator.streamName, accountId: deps.account.accountId };
    throw shardDoesNotExist(reference, shardId(iterator.shardIndex));
  }
  await restartStuckRunsThrottled(entry.stream, deps);
  await scaleDownIfDue(entry.stream, deps);
  return { entry, shard };
}

async function nextIterator(iterator: ShardIteratorToken, { next, records }: ReadResult, deps: Deps): Promise<string> {
  const { notBeforeMs, ...rest } = iterator;
  const begun = records.length > 0;
  return formatShardIterator(await deps.tokenCipher(), {
    ...rest,
    ...next,
    ...(!begun && notBeforeMs !== undefined && { notBeforeMs }),
    issuedMs: deps.now(),
  });
}

/** The child shards from memory, or else from the store. They belong to the same stream, not to a new one with its name. */
async function childShards(parent: Shard, entry: StreamEntry, deps: Deps) {
  const known = describedChildren(parent, entry);
  if (known.length > 0) {
    return known;
  }
  const current = await deps.catalog.refresh(entry.stream.name);
  return current?.stream.id === entry.stream.id ? describedChildren(parent, current) : [];
}
