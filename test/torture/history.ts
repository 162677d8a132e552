import { createHash } from 'node:crypto';

/** One record of one put call: an attempt. Times are epoch ms by the client's clock. */
export interface PutEvent {
  readonly kind: 'put';
  readonly stream: string;
  /** Unique to the attempt, and the beginning of the record's data. */
  readonly id: string;
  readonly key: string;
  /** Decides the shard instead of the key; decimal digits. */
  readonly explicitHashKey?: string;
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

/** One response to GetRecords, or one event of a subscription. */
export interface ReadEvent {
  readonly kind: 'read';
  readonly stream: string;
  readonly reader: string;
  readonly shardId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly records: readonly SeenRecord[];
  /** Whether this is the end of the shard. */
  readonly ended: boolean;
  readonly millisBehind: number;
  /** Whether it came by a subscription. Then the time at which the log was read is not known. */
  readonly pushed?: true;
  /** The shards that continue where this one has ended. */
  readonly children?: readonly string[];
}

/** A reader has read every shard of a stream from where it began to its end, and puts had ended by then. */
export interface FinishedEvent {
  readonly kind: 'finished';
  readonly stream: string;
  readonly reader: string;
  /** It should get what has arrived from then on, epoch ms; undefined: everything. */
  readonly fromMs?: number;
}

/** A transition of a stream took longer than allowed, or something else is wrong without the rest of the history. */
export interface WrongEvent {
  readonly kind: 'wrong';
  readonly stream: string;
  readonly what: string;
}

/** A shard and its log, as they are stored when all is quiet. */
export interface ShardEvent {
  readonly kind: 'shard';
  readonly stream: string;
  readonly shardId: string;
  readonly startingHashKey: string;
  readonly endingHashKey: string;
  /** None, one after a split, two after a merge. */
  readonly parents: readonly string[];
  readonly createdSeconds: number;
  /** Undefined while it is open. */
  readonly closedSeconds?: number;
  /** The positions of its seals, and the last position of its log; 0: the log is empty. */
  readonly seals: readonly number[];
  readonly lastPosition: number;
}

/** A call that returned an error, or returned errors for some of its records. */
export interface RefusalEvent {
  readonly kind: 'refusal';
  readonly stream: string;
  readonly action: string;
  /** The address of the API process. */
  readonly endpoint: string;
  readonly status: number;
  readonly error: string;
  readonly message: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Something was wrong with one API process, or with all of them, for some time. */
export interface TroubleEvent {
  readonly kind: 'trouble';
  readonly stream: string;
  readonly what: 'throttled' | 'fault' | 'kill' | 'stop' | 'overload';
  /** Undefined: all of them. */
  readonly endpoint?: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** How many calls of each kind a client has made. */
export interface CallsEvent {
  readonly kind: 'calls';
  readonly stream: string;
  readonly counts: Readonly<Record<string, number>>;
}

export type HistoryEvent =
  | PutEvent
  | StartEvent
  | ReadEvent
  | FinishedEvent
  | WrongEvent
  | ShardEvent
  | RefusalEvent
  | TroubleEvent
  | CallsEvent;

/** The size of a large record, bytes. One record in 256 is large. It is stored in chunks, and cannot be compressed. */
export const LARGE_BYTES = 500_000;

/** The data of an attempt. It depends only on the id, so every reader can check whether it is intact. */
export function dataOf(id: string): Buffer {
  const size = sizeOf(id);
  const filler = createHash('shake256', { outputLength: size }).update(id).digest();
  return Buffer.concat([Buffer.from(`${id}\n`), filler]);
}

/** An id that contains the size of its data. */
export const sizedId = (id: string, bytes: number): string => `${id}~${bytes}`;

function sizeOf(id: string): number {
  const [, bytes] = id.split('~');
  if (bytes !== undefined) {
    return Number(bytes);
  }
  const [first = 0, second = 0] = createHash('sha256').update(id).digest();
  if (first === 0) {
    return LARGE_BYTES;
  }
  return first < 6 ? 10_000 : 10 + second;
}

/** The id that data begins with. */
export const idOf = (data: Buffer): string => data.subarray(0, data.indexOf(10)).toString();
