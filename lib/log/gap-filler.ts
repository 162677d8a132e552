import { type Batch, newestBelow, type PutOutcome, putBatch } from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { type Gap, gapAction } from './gap.ts';
import { expirySeconds, FILL_AFTER_MS, FILLS_AT_ONCE } from './protocol.ts';
import type { ReadRequest } from './read-progress.ts';

/** A look at the log: when it was made, by the clock before it, and what it goes by. */
export interface Look {
  /** Epoch ms. */
  readonly lookedMs: number;
  /** What arrived before is not read any more, epoch ms. */
  readonly horizonMs: number;
  readonly consistent: boolean;
}

/** What becomes of a gap: the reader may `pass` it, or has to `wait` for its writers, or to read the same positions again. */
type GapOutcome = 'pass' | 'wait' | 'read-again';

/** What a reader does about gaps (docs/log.md#readers): it passes them, makes them safe to pass, or waits. */
export class GapFiller {
  readonly #tables: Tables;
  readonly #now: () => number;
  readonly #newWriter: () => string;

  /** @param newWriter makes a token that no other batch has, in any process */
  constructor(tables: Tables, now: () => number, newWriter: () => string) {
    this.#tables = tables;
    this.#now = now;
    this.#newWriter = newWriter;
  }

  /** A gap that a consistent read confirmed. @param look the read that confirmed it */
  async meet(request: ReadRequest, { from, found }: Gap, look: Look): Promise<GapOutcome> {
    const fill = (position: number, arrivalMs: number) => this.#fill(request, { position, arrivalMs }, found);
    switch (gapAction({ from, found }, look.lookedMs, look.horizonMs)) {
      case 'skip':
        return 'pass';
      case 'wait':
        if (this.#now() - look.lookedMs > FILL_AFTER_MS) {
          // This process has stood still: what was young when it looked is not any more.
          return 'read-again';
        }
        return 'wait';
      case 'fill-first': {
        const arrivalMs = await this.#arrivalOfFills(request.shard, from, found);
        return (await fill(from, arrivalMs)).kind === 'written' ? 'pass' : 'read-again';
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
