import { type Batch, newestBelow, type PutOutcome, putBatch } from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { type Gap, gapAction } from './gap.ts';
import { expirySeconds, FILL_AFTER_MS, FILLS_AT_ONCE } from './protocol.ts';
import type { ReadRequest } from './read-progress.ts';

/** One read of the log. Its clock is taken first: a missing batch may be put while this process pauses. */
export interface Look {
  /** The clock before the read, epoch ms. */
  readonly lookedMs: number;
  /** Records that arrived earlier have expired, epoch ms. */
  readonly horizonMs: number;
  readonly consistent: boolean;
}

/** The reader may `pass` the gap, has to `wait` for its writers, or has to read the same positions again. */
type GapOutcome = 'pass' | 'wait' | 'read-again';

/** Handles the gaps that a reader meets (docs/log.md#readers): it passes them, fills them, or waits. */
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

  /** Handles a gap that a consistent read has confirmed. @param look the read that confirmed it */
  async meet(request: ReadRequest, { from, found }: Gap, look: Look): Promise<GapOutcome> {
    const fill = (position: number, arrivalMs: number) => this.#fill(request, { position, arrivalMs }, found);
    switch (gapAction({ from, found }, look.lookedMs, look.horizonMs)) {
      case 'pass':
        return 'pass';
      case 'wait':
        if (this.#now() - look.lookedMs > FILL_AFTER_MS) {
          // This process has paused: the gap is no longer young.
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
            // The batch there may be later than the batches below: fills above it have to be as late.
            break;
          }
        }
        return 'read-again';
      }
    }
  }

  /**
   * The arrival time of fills. Searches by time use fills too, so it has to be as late as everything below, by the writers' clocks.
   * The time of a batch above the gap is. The time of a seal that was put ahead of a chain may be earlier than that of later links.
   */
  async #arrivalOfFills(shard: ShardReference, from: number, found: Batch): Promise<number> {
    const isAhead = found.kind === 'seal' && found.ahead;
    const below = isAhead ? await newestBelow(this.#tables, shard, from) : undefined;
    return Math.max(found.arrivalMs, below?.arrivalMs ?? 0);
  }

  /**
   * FILL(p): puts an empty batch at p if nothing is there. From then on, the writer that claimed p loses its put. The fill outlives
   * every batch around it, because a removed position could be written again. The retention period may have grown since it was read.
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
