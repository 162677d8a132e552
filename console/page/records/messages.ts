import type { HashKeyRange } from '../../../client/records/stored-line.ts';
import type { StoredRow } from './record-store.ts';

/** Where reading starts, as the console's process is told. */
export interface StartInput {
  readonly type: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER';
  readonly timestampMs?: number;
  readonly sequenceNumber?: string;
}

/** What is read. */
export interface TailInput {
  readonly stream: string;
  /** Undefined: all, and what they become. */
  readonly shards?: readonly string[];
  readonly start: StartInput;
  readonly follow: boolean;
  /** Undefined: the endpoint's own. */
  readonly region?: string | undefined;
}

/** Which records are shown. */
export interface FilterInput {
  readonly field: 'key' | 'text' | 'path';
  readonly text: string;
}

/** A shard's range, for the records of a download. */
export interface ShardRange extends HashKeyRange {
  readonly id: string;
}

/** What the page tells the worker. Questions have an id, which their answer has too. */
export type ToWorker =
  | { readonly type: 'open'; readonly tail: TailInput }
  | { readonly type: 'close' }
  | { readonly type: 'toggle-pause' }
  | { readonly type: 'filter'; readonly filter: FilterInput | undefined }
  | { readonly type: 'rows'; readonly id: number; readonly from: number; readonly count: number }
  | { readonly type: 'record'; readonly id: number; readonly index: number }
  | { readonly type: 'part'; readonly id: number; readonly data: Blob; readonly part: number }
  | { readonly type: 'neighbour'; readonly id: number; readonly index: number | undefined; readonly by: 1 | -1 }
  | { readonly type: 'download'; readonly id: number; readonly shards: readonly ShardRange[] }
  | { readonly type: 'decode'; readonly id: number; readonly record: Omit<StoredRow, 'index'> };

/** What the page asks the worker. */
export type Question = Extract<ToWorker, { readonly id: number }>;

/** How the reading goes. */
export interface TailState {
  readonly phase: 'idle' | 'opening' | 'reading' | 'paused' | 'ended' | 'failed';
  /** Why it failed. */
  readonly message?: string | undefined;
  /** What it costs on a deployed stream. */
  readonly cost?: string | undefined;
  readonly shards: number;
  /** Records that came since the start, and the bytes of their data. */
  readonly total: number;
  readonly dataBytes: number;
  readonly kept: number;
  /** Those that are shown. */
  readonly matched: number;
  readonly isFiltering: boolean;
  /** Why the filter is none. */
  readonly filterError?: string | undefined;
  /** What the kept ones take of the memory. */
  readonly bytes: number;
  readonly recordsPerSecond: number;
}

/** Where a record is among those that are shown. */
export interface RecordPlace {
  readonly index: number;
  /** Counted from the newest on. */
  readonly row: number;
}

/** A row of the table. */
export interface RowView extends Omit<StoredRow, 'data'> {
  readonly size: number;
  readonly preview: string;
  readonly kind: 'JSON' | 'text' | 'binary' | 'gzip' | 'KPL' | 'empty';
}

interface Shown {
  readonly text: string;
  readonly isWhole: boolean;
}

/** One record of a producer: a record of the stream, or one that is packed into it. */
export interface PartName {
  /** Its beginning. */
  readonly partitionKey: string;
  /** Bytes of its data. */
  readonly size: number;
}

/** What can be seen in one. */
export interface OpenedPart {
  readonly notes: readonly string[];
  readonly views: {
    readonly json?: { readonly value: unknown };
    readonly cbor?: { readonly value: unknown };
    readonly text?: Shown;
    readonly hex: Shown;
  };
}

/** A record with all that can be seen in it. */
export interface OpenedRecord extends Omit<StoredRow, 'data'> {
  /** Not copied to the page: it may be large. */
  readonly data: Blob;
  readonly isAggregate: boolean;
  readonly allParts: number;
  readonly parts: readonly PartName[];
  readonly first: OpenedPart | undefined;
}

/** What the worker tells the page. Rows are from the newest on. */
export type FromWorker =
  | { readonly type: 'state'; readonly state: TailState }
  | { readonly type: 'rows'; readonly id: number; readonly rows: readonly RowView[] }
  | { readonly type: 'record'; readonly id: number; readonly record: OpenedRecord | undefined }
  | { readonly type: 'part'; readonly id: number; readonly opened: OpenedPart | undefined }
  | { readonly type: 'neighbour'; readonly id: number; readonly place: RecordPlace | undefined }
  | { readonly type: 'download'; readonly id: number; readonly blob: Blob };
