import type { RecordPosition } from '../model/position.ts';
import { type Batch, type DataBatch, getChunks, putBatch, queryBatches } from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { type LogRecord, recordBytes, unpackRecords } from './batch-body.ts';
import { gapAction } from './gap.ts';
import { expirySeconds, FILLS_AT_ONCE } from './protocol.ts';

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
  readonly retentionMs: number;
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

/** Pages that one read goes through at most: what expired is passed over, and a call has to end. */
const MAX_PAGES = 16;

/** Batches that one page asks for at most. */
const MAX_PAGE_BATCHES = 1000;

/**
 * How a read goes on: with the next batch or page; not at all, since the answer is full or a gap is too young; not at
 * all, since the shard has ended; or by reading the same positions again, consistently.
 */
type Step = 'continue' | 'stop' | 'end' | 'read-again';

/**
 * The readers' side of the shard log (docs/log.md#readers). Positions are dense: where one is missing, a writer is on
 * its way, has died, or the batch has expired; the age of the reservations in the gap tells which rule is safe.
 */
export class ShardReader {
  readonly #tables: Tables;
  readonly #now: () => number;
  readonly #newWriter: () => string;

  /** @param newWriter makes a token that no append and no fill has, in any process */
  constructor(tables: Tables, now: () => number, newWriter: () => string) {
    this.#tables = tables;
    this.#now = now;
    this.#newWriter = newWriter;
  }

  /**
   * Reads records in their order, never passing a position that may still come to hold an acknowledged record.
   * @throws what the engine throws when it cannot be reached
   */
  async read(request: ReadRequest): Promise<ReadResult> {
    const progress = new Progress(request);
    let consistent = false;
    for (let page = 0; page < MAX_PAGES; page++) {
      const limit = pageLimit(request, progress, page);
      const from = progress.next.position;
      const { batches, atTip } = await queryBatches(this.#tables, request.shard, from, { limit, consistent });
      const step = await this.#consume(request, batches, progress, consistent);
      if (step === 'stop') {
        return progress.result(false);
      }
      if (step === 'end' || (step === 'continue' && atTip)) {
        return progress.result(true);
      }
      // A gap is looked at again by a consistent read before anything is concluded from it.
      consistent = step === 'read-again';
    }
    return progress.result(false);
  }

  async #consume(
    request: ReadRequest,
    batches: readonly Batch[],
    progress: Progress,
    consistent: boolean,
  ): Promise<Step> {
    for (const batch of batches) {
      if (batch.position > progress.next.position) {
        const step = consistent ? await this.#meetGap(request, progress, batch) : 'read-again';
        if (step !== 'continue') {
          return step;
        }
        progress.moveTo(batch.position);
      }
      const step = await this.#consumeBatch(request, batch, progress);
      if (step !== 'continue') {
        return step;
      }
    }
    return 'continue';
  }

  async #consumeBatch(request: ReadRequest, batch: Batch, progress: Progress): Promise<Step> {
    if (batch.kind === 'seal') {
      progress.ended = true;
      return 'end';
    }
    if (batch.kind === 'data' && batch.arrivalMs >= this.#horizon(request, progress)) {
      if (progress.records.length >= request.maxRecords) {
        return 'stop';
      }
      const body = await this.#body(request.shard, batch);
      if (!progress.take(batch, body)) {
        return 'stop';
      }
    }
    progress.lastArrivalMs = batch.arrivalMs;
    progress.moveTo(batch.position + 1);
    return 'continue';
  }

  #horizon({ notBeforeMs, retentionMs }: ReadRequest, { records }: Progress): number {
    // Arrival times only all but ascend: what follows the first record must not be missed.
    return Math.max(records.length === 0 ? notBeforeMs : 0, this.#now() - retentionMs);
  }

  async #body(shard: ShardReference, batch: DataBatch): Promise<Uint8Array> {
    return batch.body ?? getChunks(this.#tables, shard, batch.writer, batch.chunks ?? 0);
  }

  /** A gap that a consistent read confirmed: passes it, or makes it safe to pass, or waits. */
  async #meetGap(request: ReadRequest, progress: Progress, found: Batch): Promise<Step> {
    const from = progress.next.position;
    switch (gapAction(found, this.#now(), request.retentionMs)) {
      case 'skip':
        return 'continue';
      case 'wait':
        progress.lastArrivalMs ??= found.arrivalMs;
        return 'stop';
      case 'fill-first':
        return (await this.#fill(request, from, found.beforeMs)) === 'written' ? 'continue' : 'read-again';
      case 'fill':
        for (let position = from; position < Math.min(found.position, from + FILLS_AT_ONCE); position++) {
          await this.#fill(request, position, found.beforeMs);
        }
        return 'read-again';
    }
  }

  /**
   * FILL(p): an empty batch at p if nothing is there: from now on the writer that reserved p loses its put. It outlives
   * every batch around it, since what is removed could be written again.
   */
  #fill(request: ReadRequest, position: number, beforeMs: number): Promise<'written' | 'taken'> {
    const nowMs = this.#now();
    return putBatch(this.#tables, request.shard, {
      kind: 'fill',
      position,
      arrivalMs: nowMs,
      beforeMs,
      writer: this.#newWriter(),
      ttl: expirySeconds(nowMs, request.retentionMs),
      countedSecond: 0,
      secondRecords: 0,
      secondBytes: 0,
    });
  }
}

/**
 * Each batch has a record at least, so as many as are still wanted are enough, and one more tells whether there is more.
 * A page that gave nothing was one of expired batches: then on with large ones.
 */
function pageLimit(request: ReadRequest, progress: Progress, page: number): number {
  const wanted = request.maxRecords - progress.records.length + 1;
  return page > 0 && progress.records.length === 0 ? MAX_PAGE_BATCHES : Math.min(MAX_PAGE_BATCHES, wanted);
}

/** What a read has gathered so far. */
class Progress {
  readonly records: ReadRecord[] = [];
  next: RecordPosition;
  ended = false;
  lastArrivalMs: number | undefined;
  readonly #request: ReadRequest;
  #bytes = 0;

  constructor(request: ReadRequest) {
    this.#request = request;
    this.next = request.from;
  }

  moveTo(position: number): void {
    this.next = { position, offset: 0 };
  }

  /** Takes a batch's records from the next offset on. @returns false when the answer is full before the batch ends */
  take(batch: DataBatch, body: Uint8Array): boolean {
    let { offset } = this.next;
    for (const record of unpackRecords(body, offset)) {
      const bytes = recordBytes(record);
      if (this.#isFullFor(bytes)) {
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
      offset += 1;
    }
    return true;
  }

  #isFullFor(bytes: number): boolean {
    const { maxRecords, maxBytes } = this.#request;
    return this.records.length >= maxRecords || (this.records.length > 0 && this.#bytes + bytes > maxBytes);
  }

  result(atTip: boolean): ReadResult {
    const { records, next, ended, lastArrivalMs } = this;
    return { records, bytes: this.#bytes, next, atTip, ended, lastArrivalMs };
  }
}
