import { yieldToEventLoop } from '../runtime/event-loop.ts';
import { type Batch, type DataBatch, queryBatches } from '../store/batch-item.ts';
import { objectExpirySeconds } from '../store/body-object.ts';
import { getChunks } from '../store/chunk-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { type LogRecord, unpackRecords, unpackWhole } from './batch-body.ts';
import { BodiesAhead } from './bodies-ahead.ts';
import { GapFiller, type Look } from './gap-filler.ts';
import { CHUNKS_KEPT_MS } from './protocol.ts';
import { ReadProgress, type ReadRequest, type ReadResult } from './read-progress.ts';

/** The most pages of one read: expired batches are skipped, and a call has to end. */
const MAX_PAGES = 16;

/** The most batches of one page. */
const MAX_PAGE_BATCHES = 1000;

/**
 * How a read continues: `continue` with the next batch or page; `stop`, because the response is full or a gap is too young; `end`,
 * because the shard has ended; or `read-again`: the same positions, consistently.
 */
type Step = 'continue' | 'stop' | 'end' | 'read-again';

/**
 * The readers' side of the shard log (docs/log.md#readers; its words are in docs/glossary.md). Positions are dense: if one is missing, its writer is slow or dead, or the batch has
 * expired. The age of the claims in the gap decides which rule is safe.
 */
export class ShardReader {
  readonly #tables: Tables;
  readonly #now: () => number;
  readonly #gaps: GapFiller;
  readonly #damaged: (what: string, cause: unknown) => void;

  /**
   * @param newWriter makes a token that no other batch has, in any process
   * @param damaged   called for records that cannot be read any more
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
   * Reads records in their order. Never passes a position that may still hold an acknowledged record later.
   * @throws what the engine throws when it cannot be reached
   */
  async read(request: ReadRequest): Promise<ReadResult> {
    const progress = new ReadProgress(request);
    let consistent = false;
    for (let page = 0; page < MAX_PAGES; page++) {
      const limit = pageLimit(request, progress, page);
      const from = progress.next.position;
      // Taken before the read: a missing batch may be put while this process pauses, and the pause must not make the gap older.
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
      // A gap is read again, consistently, before anything is concluded from it.
      consistent = step === 'read-again';
    }
    return progress.result(false);
  }

  async #consume(request: ReadRequest, batches: readonly Batch[], progress: ReadProgress, look: Look): Promise<Step> {
    const objects = batches.filter(
      (batch): batch is DataBatch =>
        batch.kind === 'data' && batch.objectDays !== undefined && isReadable(batch, request, look, true),
    );
    const bodies = new BodiesAhead(this.#tables, request.shard, objects, {
      records: request.maxRecords - progress.records.length,
      bytes: request.maxBytes - progress.bytes,
    });
    const pageLook = { ...look, bodies };
    for (const batch of batches) {
      await yieldToEventLoop();
      if (batch.position > progress.next.position) {
        const step = look.consistent ? await this.#meetGap(request, progress, batch, look) : 'read-again';
        if (step !== 'continue') {
          return step;
        }
        progress.moveTo(batch.position);
      }
      const step = await this.#consumeBatch(request, batch, progress, pageLook);
      if (step !== 'continue') {
        return step;
      }
    }
    return 'continue';
  }

  /** Handles a gap that a consistent read has confirmed. */
  async #meetGap(request: ReadRequest, progress: ReadProgress, found: Batch, look: Look): Promise<Step> {
    const outcome = await this.#gaps.meet(request, { from: progress.next.position, found }, look);
    if (outcome === 'wait') {
      progress.lastArrivalMs ??= found.arrivalMs;
      return 'stop';
    }
    return outcome === 'pass' ? 'continue' : 'read-again';
  }

  async #consumeBatch(request: ReadRequest, batch: Batch, progress: ReadProgress, look: PageLook): Promise<Step> {
    if (batch.kind === 'seal') {
      progress.ended = true;
      return 'end';
    }
    if (isReadable(batch, request, look, progress.records.length === 0)) {
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
   * Returns a batch's records from an offset on. Returns none if a part of the body is missing that may have expired: then the whole
   * batch counts as expired, and blocks nobody. Returns none if the chunks are not those of the batch, which earlier versions could cause.
   * @throws Error when a part of the body is missing that cannot have expired, or when an object is damaged
   */
  async #records(
    shard: ShardReference,
    batch: DataBatch,
    offset: number,
    { lookedMs, bodies }: PageLook,
  ): Promise<LogRecord[]> {
    if (batch.body !== undefined) {
      return unpackRecords(batch.body, offset);
    }
    const isObject = batch.objectDays !== undefined;
    const body = await (isObject
      ? bodies.body(batch)
      : getChunks(this.#tables, shard, batch.writer, batch.chunks ?? 0));
    if (body === undefined) {
      if (lookedMs < bodyKeptUntilMs(batch)) {
        throw new Error(`${isObject ? 'the object' : 'a chunk'} of the batch at ${batch.position} is missing`);
      }
      return [];
    }
    if (isObject && body.length !== batch.objectBytes) {
      throw new Error(
        `the object of the batch at ${batch.position} has ${body.length} bytes, not ${batch.objectBytes}`,
      );
    }
    return isObject ? unpackWhole(body, batch.recordCount).slice(offset) : this.#recordsOfChunks(batch, body, offset);
  }

  #recordsOfChunks(batch: DataBatch, body: Uint8Array, offset: number): LogRecord[] {
    try {
      return unpackWhole(body, batch.recordCount).slice(offset);
    } catch (error) {
      this.#damaged(`the chunks of the batch at ${batch.position} are damaged: its records are passed over`, error);
      return [];
    }
  }
}

/** What a page is read with. */
interface PageLook extends Look {
  readonly bodies: BodiesAhead;
}

/** Until when no part of a body can have expired, epoch ms. */
const bodyKeptUntilMs = ({ arrivalMs, objectDays }: DataBatch): number =>
  objectDays === undefined ? arrivalMs + CHUNKS_KEPT_MS : objectExpirySeconds(arrivalMs, objectDays) * 1_000;

/** Whether a batch has records that a read may return, and so a body that it needs. @param isFirst whether the read has none yet */
const isReadable = (
  batch: Batch,
  { notBeforeMs }: ReadRequest,
  { horizonMs }: Pick<Look, 'horizonMs'>,
  isFirst: boolean,
): batch is DataBatch =>
  // Arrival times ascend almost always, but not strictly: no record after the first one may be skipped.
  batch.kind === 'data' && batch.arrivalMs >= Math.max(isFirst ? notBeforeMs : 0, horizonMs);

/** Records that arrived earlier have expired. The retention period may have been increased since it was read, so the time of that reading counts. */
const horizonMs = (
  { retentionMs, retentionReadMs = Number.POSITIVE_INFINITY, trimmedMs = 0 }: ReadRequest,
  nowMs: number,
) => Math.max(Math.min(nowMs, retentionReadMs) - retentionMs, trimmedMs);

/**
 * Each batch has at least one record. So as many batches as records are still wanted are enough; one more shows whether there are more.
 * A page without records had only expired batches: then the next pages are large.
 */
function pageLimit(request: ReadRequest, progress: ReadProgress, page: number): number {
  const wanted = request.maxRecords - progress.records.length + 1;
  return page > 0 && progress.records.length === 0 ? MAX_PAGE_BATCHES : Math.min(MAX_PAGE_BATCHES, wanted);
}
