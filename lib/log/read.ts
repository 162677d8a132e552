import { yieldToEventLoop } from '../runtime/event-loop.ts';
import { type Batch, type DataBatch, queryBatches } from '../store/batch-item.ts';
import { getChunks } from '../store/chunk-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { type LogRecord, unpackRecords, unpackWhole } from './batch-body.ts';
import { GapFiller, type Look } from './gap-filler.ts';
import { CHUNKS_KEPT_MS } from './protocol.ts';
import { ReadProgress, type ReadRequest, type ReadResult } from './read-progress.ts';

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
  readonly #gaps: GapFiller;
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
    this.#gaps = new GapFiller(tables, now, newWriter);
    this.#damaged = damaged;
  }

  /**
   * Reads records in their order, never passing a position that may still come to hold an acknowledged record.
   * @throws what the engine throws when it cannot be reached
   */
  async read(request: ReadRequest): Promise<ReadResult> {
    const progress = new ReadProgress(request);
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

  async #consume(request: ReadRequest, batches: readonly Batch[], progress: ReadProgress, look: Look): Promise<Step> {
    for (const batch of batches) {
      await yieldToEventLoop();
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

  /** A gap that a consistent read confirmed. */
  async #meetGap(request: ReadRequest, progress: ReadProgress, found: Batch, look: Look): Promise<Step> {
    const outcome = await this.#gaps.meet(request, { from: progress.next.position, found }, look);
    if (outcome === 'wait') {
      progress.lastArrivalMs ??= found.arrivalMs;
      return 'stop';
    }
    return outcome === 'pass' ? 'continue' : 'read-again';
  }

  async #consumeBatch(request: ReadRequest, batch: Batch, progress: ReadProgress, look: Look): Promise<Step> {
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
function pageLimit(request: ReadRequest, progress: ReadProgress, page: number): number {
  const wanted = request.maxRecords - progress.records.length + 1;
  return page > 0 && progress.records.length === 0 ? MAX_PAGE_BATCHES : Math.min(MAX_PAGE_BATCHES, wanted);
}
