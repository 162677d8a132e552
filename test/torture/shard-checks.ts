import { hashPartitionKey } from '../../lib/model/hash-key.ts';
import type { HistoryEvent, SeenRecord, ShardEvent } from './history.ts';
import { place, readingsOf, recordsOf, type Violation, violation } from './readings.ts';

/**
 * Checks the promises about where and when the log of a shard ends, when its children begin, and which records it
 * holds.
 */
export function shardViolations(events: readonly HistoryEvent[]): Violation[] {
  const shards = new Map(
    events.filter((event) => event.kind === 'shard').map((shard) => [shard.shardId, shard] as const),
  );
  const latest = latestRecords(events);
  const single = [...shards.values()].flatMap((shard) => [
    ...sealed(shard),
    ...closedAfter(shard, latest.get(shard.shardId)),
    ...begunAfter(
      shard,
      shard.parents.flatMap((parent) => shards.get(parent) ?? []),
    ),
  ]);
  return [...single, ...ranges(events, shards)];
}

/** A log ends once, with its seal. */
function* sealed(shard: ShardEvent): Generator<Violation> {
  const { seals, lastPosition, closedSeconds } = shard;
  if (seals.length !== (closedSeconds === undefined ? 0 : 1)) {
    yield violation('a log has one seal once its shard is closed', shard);
  }
  if (seals.some((position) => position < lastPosition)) {
    yield violation('nothing stands above a seal', shard);
  }
}

/** No record arrives later than the end of its shard. */
function* closedAfter(shard: ShardEvent, latest: SeenRecord | undefined): Generator<Violation> {
  const { closedSeconds } = shard;
  if (closedSeconds !== undefined && latest !== undefined && latest.arrivalMs > closedSeconds * 1000 + 999) {
    yield violation('no record arrives after the end of its shard', shard, latest);
  }
}

/** Both parents of a merge close in the same second, and children begin with the next one. */
function* begunAfter(shard: ShardEvent, parents: readonly ShardEvent[]): Generator<Violation> {
  if (new Set(parents.map(({ closedSeconds }) => closedSeconds)).size > 1) {
    yield violation('the parents of a merge close in the same second', shard, ...parents);
  }
  for (const parent of parents) {
    if (parent.closedSeconds !== undefined && shard.createdSeconds !== parent.closedSeconds + 1) {
      yield violation('a shard begins one second after its parent has closed', shard, parent);
    }
  }
}

/** A record is in the shard whose range contains its hash key. */
function* ranges(events: readonly HistoryEvent[], shards: ReadonlyMap<string, ShardEvent>): Generator<Violation> {
  const puts = new Map(events.filter((event) => event.kind === 'put').map((put) => [put.id, put] as const));
  for (const reading of readingsOf(events)) {
    const shard = shards.get(reading.shardId);
    for (const record of shard === undefined ? [] : recordsOf(reading)) {
      const put = puts.get(record.id);
      const hashKey = put?.explicitHashKey === undefined ? hashPartitionKey(record.key) : BigInt(put.explicitHashKey);
      if (hashKey < BigInt(shard?.startingHashKey ?? 0) || hashKey > BigInt(shard?.endingHashKey ?? 0)) {
        yield violation('a record lies in the shard of its hash key', place(reading), record, { put, shard });
      }
    }
  }
}

/** The record of each shard that arrived last, among all that readers got. */
function latestRecords(events: readonly HistoryEvent[]): Map<string, SeenRecord> {
  const latest = new Map<string, SeenRecord>();
  for (const reading of readingsOf(events)) {
    for (const record of recordsOf(reading)) {
      if (record.arrivalMs > (latest.get(reading.shardId)?.arrivalMs ?? Number.NEGATIVE_INFINITY)) {
        latest.set(reading.shardId, record);
      }
    }
  }
  return latest;
}
