import { createHash } from 'node:crypto';

/** One record of one put call: an attempt. Times are epoch ms by the client's clock. */
export interface PutEvent {
  readonly kind: 'put';
  readonly stream: string;
  /** Unique to the attempt, and the beginning of the record's data. */
  readonly id: string;
  readonly key: string;
  /** Grows with each record of a key; the next is sent only when the outcome of this one is known. */
  readonly number: number;
  readonly startMs: number;
  readonly endMs: number;
  /** `refused`: it must never be read. `unclear`: it may be read, once. */
  readonly outcome: 'acknowledged' | 'refused' | 'unclear';
  readonly shardId?: string;
  readonly sequenceNumber?: string;
  /** The SequenceNumberForOrdering that was sent. */
  readonly after?: string;
}

/** Where a reader began to read a shard. */
export interface StartEvent {
  readonly kind: 'start';
  readonly stream: string;
  readonly reader: string;
  readonly shardId: string;
  readonly type: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER';
  readonly sequenceNumber?: string;
  readonly timestampMs?: number;
  readonly startMs: number;
  readonly endMs: number;
}

export interface SeenRecord {
  readonly sequenceNumber: string;
  readonly id: string;
  readonly key: string;
  readonly arrivalMs: number;
  /** Whether the data is byte for byte what was put. */
  readonly intact: boolean;
}

/** One answered GetRecords. */
export interface ReadEvent {
  readonly kind: 'read';
  readonly stream: string;
  readonly reader: string;
  readonly shardId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly records: readonly SeenRecord[];
  readonly ended: boolean;
}

/** A reader that has read every shard of a stream from its beginning to its end, when nothing was put any more. */
export interface FinishedEvent {
  readonly kind: 'finished';
  readonly stream: string;
  readonly reader: string;
}

/** A stream was in a state of transition for longer than it may, or something else that needs no history to be wrong. */
export interface WrongEvent {
  readonly kind: 'wrong';
  readonly stream: string;
  readonly what: string;
}

export type HistoryEvent = PutEvent | StartEvent | ReadEvent | FinishedEvent | WrongEvent;

/** One record in two hundred is stored in chunks, and cannot be made smaller. */
const LARGE_BYTES = 500_000;

/** The data of an attempt, all of it a function of its id, so that every reader can tell whether it is intact. */
export function dataOf(id: string): Buffer {
  const size = sizeOf(id);
  const filler = createHash('shake256', { outputLength: size }).update(id).digest();
  return Buffer.concat([Buffer.from(`${id}\n`), filler]);
}

function sizeOf(id: string): number {
  const [first = 0, second = 0] = createHash('sha256').update(id).digest();
  if (first === 0) {
    return LARGE_BYTES;
  }
  return first < 6 ? 10_000 : 10 + second;
}

/** The id that data begins with. */
export const idOf = (data: Buffer): string => data.subarray(0, data.indexOf(10)).toString();
