import type { FinishedEvent, ShardEvent } from './history.ts';
import { place, type Reading, type Violation, violation } from './readings.ts';
import { maxTransitionMs, type RoundTerms } from './round-terms.ts';

/** Readers of a closed shard get its end and its children, in time, and both at once. */
export function* ends(
  reading: Reading,
  shards: ReadonlyMap<string, ShardEvent>,
  finished: readonly FinishedEvent[],
  terms: RoundTerms,
): Generator<Violation> {
  for (const read of reading.reads) {
    if (read.ended !== (read.children ?? []).length > 0) {
      yield violation('the end of a shard comes with its children', place(reading), read);
    }
  }
  const last = reading.reads.at(-1);
  const shard = shards.get(reading.shardId);
  if (shard?.closedSeconds === undefined || last === undefined) {
    return;
  }
  if (last.ended) {
    yield* allChildren(reading, shard, shards);
    return;
  }
  // `closedSeconds` is by the clock of the process that closed the shard.
  const dueMs = (shard.closedSeconds + 1) * 1_000 + terms.behindMs + maxTransitionMs(terms);
  const isLate = last.records.length === 0 && last.millisBehind === 0 && last.startMs > dueMs;
  if (isLate || finished.some(({ reader }) => reader === reading.reader)) {
    yield violation('a reader is told of the end of a shard', place(reading), shard, { ...last, records: [] });
  }
}

function* allChildren(
  reading: Reading,
  { shardId }: ShardEvent,
  shards: ReadonlyMap<string, ShardEvent>,
): Generator<Violation> {
  const children = [...shards.values()]
    .filter(({ parents }) => parents.includes(shardId))
    .map((child) => child.shardId);
  const told = new Set(reading.reads.at(-1)?.children);
  if (told.size !== children.length || !children.every((child) => told.has(child))) {
    yield violation('the end of a shard names its children', place(reading), { children, told: [...told] });
  }
}
