import type { RecordPosition } from '../model/position.ts';
import { fairTurn } from '../runtime/fair-turn.ts';
import {
  type Batch,
  type DataBatch,
  newestBelow,
  type PutOutcome,
  putBatch,
  queryBatches,
} from '../store/batch-item.ts';
import { getChunks } from '../store/chunk-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { type LogRecord, unpackRecords, unpackWhole } from './batch-body.ts';
import { gapAction } from './gap.ts';
import { CHUNKS_KEPT_MS, expirySeconds, FILL_AFTER_MS, FILLS_AT_ONCE } from './protocol.ts';

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
  readonly #damaged: (what: string, cause: unknown) => void;

  /**
   * @param newWriter makes a token that no other batch has, in any process
   * @param damaged   told of records that cannot be read any more
   */
  constructor(
    tables: Tables,
    now: () => number,
    newWriter: () => string,
    damaged: (what: string, cause: unknown) => void = () => {},
  ) {
    this.#tables = tables;
    this.#now = now;
    this.#newWriter = newWriter;
    this.#damaged = damaged;
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
      // Before the look: what is missing in it may be put while this process stands still, and its age is not to grow by that.
      const lookedMs = this.#now();
      const { batches, atTip } = await queryBatches(this.#tables, request.shard, from, { limit, consistent });
      const look = { lookedMs, horizonMs: horizonMs(request, lookedMs), consistent };
      const step = await this.#consume(request, batches, progress, look);
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

  async #consume(request: ReadRequest, batches: readonly Batch[], progress: Progress, look: Look): Promise<Step> {
    for (const batch of batches) {
      await fairTurn();
      if (batch.position > progress.next.position) {
        const step = look.consistent ? await this.#meetGap(request, progress, batch, look) : 'read-again';
        if (step !== 'continue') {
          return step;
        }
        progress.moveTo(batch.position);
      }
      const step = await this.#consumeBatch(request, batch, progress, look);
      if (step !== 'continue') {
        return step;
      }
    }
    return 'continue';
  }

  async #consumeBatch(request: ReadRequest, batch: Batch, progress: Progress, look: Look): Promise<Step> {
    if (batch.kind === 'seal') {
      progress.ended = true;
      return 'end';
    }
    // Arrival times only all but ascend: what follows the first record must not be missed.
    const notBeforeMs = progress.records.length === 0 ? request.notBeforeMs : 0;
    if (batch.kind === 'data' && batch.arrivalMs >= Math.max(notBeforeMs, look.horizonMs)) {
      if (progress.records.length >= request.maxRecords) {
        return 'stop';
      }
      const records = await this.#records(request.shard, batch, progress.next.offset, look);
      if (!progress.take(batch, records)) {
        return 'stop';
      }
    }
    progress.lastArrivalMs = batch.arrivalMs;
    progress.moveTo(batch.position + 1);
    return 'continue';
  }

  /**
   * A batch's records from an offset on. None where chunks are missing that may have expired: what is partly gone is gone, and
   * blocks nobody. Nor where they are not those of the batch, which earlier versions could do to them.
   * @throws Error when chunks are missing that cannot have expired
   */
  async #records(shard: ShardReference, batch: DataBatch, offset: number, { lookedMs }: Look): Promise<LogRecord[]> {
    if (batch.body !== undefined) {
      return unpackRecords(batch.body, offset);
    }
    const body = await getChunks(this.#tables, shard, batch.writer, batch.chunks ?? 0);
    if (body === undefined) {
      if (lookedMs - batch.arrivalMs < CHUNKS_KEPT_MS) {
        throw new Error(`a chunk of the batch at ${batch.position} is missing`);
      }
      return [];
    }
    try {
      return unpackWhole(body, batch.recordCount).slice(offset);
    } catch (error) {
      this.#damaged(`the chunks of the batch at ${batch.position} are damaged: its records are passed over`, error);
      return [];
    }
  }

  /** A gap that a consistent read confirmed: passes it, or makes it safe to pass, or waits. */
  async #meetGap(request: ReadRequest, progress: Progress, found: Batch, look: Look): Promise<Step> {
    const from = progress.next.position;
    const fill = (position: number, arrivalMs: number) => this.#fill(request, { position, arrivalMs }, found);
    switch (gapAction({ from, found }, look.lookedMs, look.horizonMs)) {
      case 'skip':
        return 'continue';
      case 'wait':
        if (this.#now() - look.lookedMs > FILL_AFTER_MS) {
          // This process has stood still: what was young when it looked is not any more.
          return 'read-again';
        }
        progress.lastArrivalMs ??= found.arrivalMs;
        return 'stop';
      case 'fill-first': {
        const arrivalMs = await this.#arrivalOfFills(request.shard, from, found);
        return (await fill(from, arrivalMs)).kind === 'written' ? 'continue' : 'read-again';
      }
      case 'fill': {
        const arrivalMs = await this.#arrivalOfFills(request.shard, from, found);
        for (let position = from; position < Math.min(found.position, from + FILLS_AT_ONCE); position++) {
          if ((await fill(position, arrivalMs)).kind === 'taken') {
            // What stands there may be later than what was below before: fills above have to be as late.
            break;
          }
        }
        return 'read-again';
      }
    }
  }

  /**
   * Searches by time go by fills, too: theirs has to be as late as anything below, by the writers' clocks. A batch that was put
   * above a gap is; a seal that was put ahead of a chain may be earlier than what the chain has come to since.
   */
  async #arrivalOfFills(shard: ShardReference, from: number, found: Batch): Promise<number> {
    const isAhead = found.kind === 'seal' && found.ahead;
    const below = isAhead ? await newestBelow(this.#tables, shard, from) : undefined;
    return Math.max(found.arrivalMs, below?.arrivalMs ?? 0);
  }

  /**
   * FILL(p): an empty batch at p if nothing is there: from now on the writer that claimed p loses its put. It outlives
   * every batch around it, since what is removed could be written again; the retention period may have grown since it was read.
   */
  #fill(
    { shard, retentionMs }: ReadRequest,
    fill: { readonly position: number; readonly arrivalMs: number },
    found: Batch,
  ): Promise<PutOutcome> {
    const ttl = expirySeconds(Math.max(fill.arrivalMs, this.#now()), retentionMs);
    return putBatch(this.#tables, shard, {
      kind: 'fill',
      ...fill,
      beforeMs: found.beforeMs,
      writer: this.#newWriter(),
      ttl: Math.max(ttl, found.ttl ?? 0),
      countedSecond: 0,
      secondRecords: 0,
      secondBytes: 0,
    });
  }
}

/** A look at the log: when it was made, by the clock before it, and what it goes by. */
interface Look {
  /** Epoch ms. */
  readonly lookedMs: number;
  /** What arrived before is not read any more, epoch ms. */
  readonly horizonMs: number;
  readonly consistent: boolean;
}

/** What arrived before is over: had the retention period been increased since it was read, it would not count for what is not. */
const horizonMs = (
  { retentionMs, retentionReadMs = Number.POSITIVE_INFINITY, trimmedMs = 0 }: ReadRequest,
  nowMs: number,
) => Math.max(Math.min(nowMs, retentionReadMs) - retentionMs, trimmedMs);

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
