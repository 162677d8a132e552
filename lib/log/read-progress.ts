import type { RecordPosition } from '../model/position.ts';
import type { DataBatch } from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { LogRecord } from './batch-body.ts';

/** A record as a reader gets it. */
export interface ReadRecord extends LogRecord, RecordPosition {
  /** Epoch ms. */
  readonly arrivalMs: number;
  readonly encrypted: boolean;
}

export interface ReadRequest {
  readonly shard: ShardReference;
  readonly from: RecordPosition;
  /** At most so many records. */
  readonly maxRecords: number;
  /** At most so many bytes of data and partition keys, but one record at least. */
  readonly maxBytes: number;
  /** At most so many bytes of an answer, but one record at least; undefined: as many as there are. */
  readonly answer?: { readonly maxBytes: number; readonly bytesOf: (record: LogRecord) => number } | undefined;
  readonly retentionMs: number;
  /** Before the retention period was read, epoch ms; undefined: just now. */
  readonly retentionReadMs?: number | undefined;
  /** What arrived before is over, however long the retention period is by now, epoch ms. */
  readonly trimmedMs?: number | undefined;
  /** Records that arrived before are passed over, epoch ms; from the first one on that did not, all are given. */
  readonly notBeforeMs: number;
}

export interface ReadResult {
  readonly records: ReadRecord[];
  /** Their data and partition keys together. */
  readonly bytes: number;
  /** Where the next read goes on. */
  readonly next: RecordPosition;
  /** Whether the log held nothing more at the time of the read. */
  readonly atTip: boolean;
  /** Arrival of the last batch that was read or passed over, epoch ms; undefined when none was. */
  readonly lastArrivalMs: number | undefined;
  /** Whether the read passed the seal: the shard has ended. */
  readonly ended: boolean;
}

/** What a read has gathered so far. */
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

  moveTo(position: number): void {
    this.next = { position, offset: 0 };
  }

  /** Takes a batch's records, those from the next offset on. @returns false when the answer is full before the batch ends */
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
