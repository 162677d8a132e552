import type { RecordPosition } from '../model/position.ts';
import type { DataBatch } from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { LogRecord } from './batch-body.ts';

/** A record as the log returns it. */
export interface ReadRecord extends LogRecord, RecordPosition {
  /** Epoch ms. */
  readonly arrivalMs: number;
  readonly encrypted: boolean;
}

export interface ReadRequest {
  readonly shard: ShardReference;
  readonly from: RecordPosition;
  /** The most records to return. */
  readonly maxRecords: number;
  /** The most bytes of data and partition keys to return, but at least one record. */
  readonly maxBytes: number;
  /** The most bytes of the response, but at least one record. Undefined: no limit. */
  readonly answer?: { readonly maxBytes: number; readonly bytesOf: (record: LogRecord) => number } | undefined;
  readonly retentionMs: number;
  /** Taken before the retention period was read, epoch ms. Undefined: just now. */
  readonly retentionReadMs?: number | undefined;
  /** Records that arrived earlier have expired, however long the retention period is now, epoch ms. */
  readonly trimmedMs?: number | undefined;
  /** Records that arrived earlier are skipped, up to the first one that did not, epoch ms. */
  readonly notBeforeMs: number;
}

export interface ReadResult {
  readonly records: ReadRecord[];
  /** The bytes of their data and partition keys together. */
  readonly bytes: number;
  /** Where the next read continues. */
  readonly next: RecordPosition;
  /** Whether the read reached the tip: the log had nothing more at the time of the read. */
  readonly atTip: boolean;
  /** The arrival of the last batch that was read or skipped, or of the batch above the gap at which the read waits, epoch ms. Undefined if there was none. */
  readonly lastArrivalMs: number | undefined;
  /** Whether the read reached the seal: the shard has ended. */
  readonly ended: boolean;
}

/** What a read has collected so far. */
export class ReadProgress {
  readonly records: ReadRecord[] = [];
  next: RecordPosition;
  ended = false;
  lastArrivalMs: number | undefined;
  readonly #request: ReadRequest;
  #bytes = 0;
  #answerBytes = 0;

  constructor(request: ReadRequest) {
    this.#request = request;
    this.next = request.from;
  }

  /** The bytes of the records so far. */
  get bytes(): number {
    return this.#bytes;
  }

  moveTo(position: number): void {
    this.next = { position, offset: 0 };
  }

  /** Takes a batch's records from the next offset on. @returns false if the response is full before the batch ends */
  take(batch: DataBatch, records: readonly LogRecord[]): boolean {
    let { offset } = this.next;
    for (const record of records) {
      const { bytes } = record;
      const answerBytes = this.#request.answer?.bytesOf(record) ?? 0;
      if (this.#isFullFor(bytes, answerBytes)) {
        this.next = { position: batch.position, offset };
        return false;
      }
      this.records.push({
        ...record,
        position: batch.position,
        offset,
        arrivalMs: batch.arrivalMs,
        encrypted: batch.encrypted === true,
      });
      this.lastArrivalMs = batch.arrivalMs;
      this.#bytes += bytes;
      this.#answerBytes += answerBytes;
      offset += 1;
    }
    return true;
  }

  #isFullFor(bytes: number, answerBytes: number): boolean {
    const { maxRecords, maxBytes, answer } = this.#request;
    if (this.records.length === 0) {
      return maxRecords === 0;
    }
    const isAnswerFull = answer !== undefined && this.#answerBytes + answerBytes > answer.maxBytes;
    return this.records.length >= maxRecords || this.#bytes + bytes > maxBytes || isAnswerFull;
  }

  result(atTip: boolean): ReadResult {
    const { records, next, ended, lastArrivalMs } = this;
    return { records, bytes: this.#bytes, next, atTip, ended, lastArrivalMs };
  }
}
