import { MAX_STALENESS_MS } from './fault-schedule.ts';
import type { PutEvent } from './history.ts';
import { greater, place, type Reading, type Violation, violation } from './readings.ts';

/**
 * A reader at the tip of a shard has read everything that was acknowledged before, except what an eventually
 * consistent read may not see yet.
 * @param puts the acknowledged puts of the reading's shard, in the order of their sequence numbers
 */
export function* tip(reading: Reading, puts: readonly PutEvent[]): Generator<Violation> {
  let given = firstSequenceNumber(reading);
  for (const read of reading.reads) {
    if (read.millisBehind < 0) {
      yield violation('nobody is ahead of the latest record', place(reading), read);
    }
    given = read.records.at(-1)?.sequenceNumber ?? given;
    const after = given;
    if (read.millisBehind === 0 && read.pushed === undefined && after !== undefined) {
      const next = puts[firstAbove(puts, after)];
      if (next !== undefined && next.endMs < read.startMs - MAX_STALENESS_MS) {
        yield violation('who is at the tip has read everything', place(reading), { ...read, records: [] }, next);
      }
    }
  }
}

/** The sequence number after which a reader begins; undefined if only its first record shows that. */
function firstSequenceNumber({ starts: [start] }: Reading): string | undefined {
  switch (start?.type) {
    case 'TRIM_HORIZON':
      return '0';
    case 'AFTER_SEQUENCE_NUMBER':
      return start.sequenceNumber;
    default:
      return undefined;
  }
}

/** The index of the first put above a sequence number. */
function firstAbove(puts: readonly PutEvent[], sequenceNumber: string): number {
  let [low, high] = [0, puts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (greater(puts[middle]?.sequenceNumber ?? '0', sequenceNumber)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
