import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../model/limits.ts';
import { type DataBatch, MAX_ITEM_BODY_BYTES, putBatch, putChunks } from '../store/batch-item.ts';
import { mayHaveBeenApplied } from '../store/condition.ts';
import { isThrottle, StoreThrottled } from '../store/store-throttled.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { type LogRecord, packRecords, recordBytes } from './batch-body.ts';
import { type Claim, type LostClaim, PositionClaims } from './claims.ts';
import { ACK_DEADLINE_MS, expirySeconds } from './protocol.ts';

/** Records to append to one shard, in their order; 1024 at most. */
export interface Append {
  readonly shard: ShardReference;
  readonly records: readonly LogRecord[];
  readonly retentionMs: number;
  /** Sequence numbers hold it, so no arrival time may lie before it; epoch ms. */
  readonly shardCreatedMs: number;
  /** Whether the stream is encrypted; records remember it. */
  readonly encrypted: boolean;
}

export type AppendOutcome =
  | {
      readonly kind: 'appended';
      readonly position: number;
      /** The offset of the first record that was admitted; the others follow one by one. */
      readonly offset: number;
      readonly arrivalMs: number;
      /** Indexes of the records that the shard's limits admitted, ascending; the others were not written. */
      readonly admitted: readonly number[];
    }
  /** The shard's limits, or DynamoDB's, admit none of the records. Nothing was written. */
  | { readonly kind: 'throttled' }
  /** The shard takes no more records. Nothing was written: route by hash key again. */
  | { readonly kind: 'closed' };

/** Whether the records were appended is not known: they were not confirmed before the deadline. */
export class AppendUnconfirmed extends Error {
  override readonly name = 'AppendUnconfirmed';
}

/** A position is taken by another batch only a few times in a row: a guess that came late, a filled hole. */
const MAX_CLAIMS = 12;

const RETRY_DELAY_MS = 50;

/** How a process writes to shards. */
export interface WriterOptions {
  /** Whether positions are guessed where one writer at a time is at work; else every one is reserved. */
  readonly guessing: boolean;
  /** Told of each append that was confirmed. */
  readonly appended?: (shard: ShardReference) => void;
}

/**
 * The writers' side of the shard log (docs/log.md#writers).
 *
 *   CLAIM(p)  a position above the chain's newest batch (a guess), or the tail's next one (a reservation)
 *   WRITE(p)  PutItem of the batch at p, if nothing is there
 *   ACK       with sequence numbers made of p, if WRITE was confirmed within the deadline
 *
 * A stop between a reservation and WRITE leaves a hole, which readers fill once it is old; a WRITE that finds its position
 * taken claims again.
 */
export class ShardWriter {
  readonly #tables: Tables;
  readonly #now: () => number;
  readonly #newWriter: () => string;
  readonly #claims: PositionClaims;
  readonly #appended: (shard: ShardReference) => void;

  /** @param newWriter makes a token that no other append has, in any process */
  constructor(tables: Tables, limits: Limits, now: () => number, newWriter: () => string, options: WriterOptions) {
    this.#tables = tables;
    this.#now = now;
    this.#newWriter = newWriter;
    this.#appended = options.appended ?? (() => {});
    this.#claims = new PositionClaims(tables, limits, now, options.guessing);
  }

  /**
   * Appends the records that the shard's limits admit, as one batch.
   * @throws AppendUnconfirmed, or what the engine throws when it cannot be reached: the records may have been written
   */
  async append(append: Append): Promise<AppendOutcome> {
    try {
      return await this.#append(append);
    } catch (error) {
      this.#claims.forget(append.shard);
      if (error instanceof StoreThrottled) {
        return { kind: 'throttled' };
      }
      throw error;
    }
  }

  /** @throws StoreThrottled when nothing was written */
  async #append(append: Append): Promise<AppendOutcome> {
    const { shard } = append;
    const sizes = append.records.map(recordBytes);
    const writer = this.#newWriter();
    let stored: StoredBody | undefined;
    let lost: LostClaim | undefined;
    for (let tries = 0; tries < MAX_CLAIMS; tries++) {
      const claim = await this.#claim(shard, sizes, lost);
      if (claim === 'throttled' || claim === 'closed') {
        return { kind: claim };
      }
      const { admitted, position } = claim;
      if (stored === undefined || !isSame(stored.admitted, admitted)) {
        stored = { admitted, content: await this.#storeBody(append, claim, writer) };
      }
      const batch = batchOf(append, claim, writer, stored.content);
      if ((await this.#putConfirmed(shard, batch, claim)) === 'written') {
        this.#claims.confirmed(shard, claim, batch);
        this.#appended(shard);
        return { kind: 'appended', position, offset: 0, arrivalMs: batch.arrivalMs, admitted };
      }
      lost = { claim, bodyBytes: batch.body?.length ?? 0 };
    }
    // Every position was taken by another batch: nothing was written.
    return { kind: 'throttled' };
  }

  /** A position that may have been reserved before DynamoDB refused is a hole at most: nothing was written. */
  async #claim(shard: ShardReference, sizes: readonly number[], lost: LostClaim | undefined) {
    try {
      return await this.#claims.claim(shard, sizes, lost);
    } catch (error) {
      throw isThrottle(error) ? new StoreThrottled('no position could be claimed', { cause: error }) : error;
    }
  }

  async #storeBody(append: Append, { admitted, arrivalMs }: Claim, writer: string): Promise<BatchContent> {
    const body = packRecords(admitted.map((index) => append.records[index] as LogRecord));
    if (body.length <= MAX_ITEM_BODY_BYTES) {
      return { body };
    }
    const ttl = expirySeconds(arrivalMs, append.retentionMs);
    return { chunks: await putChunks(this.#tables, append.shard, writer, body, ttl) };
  }

  /**
   * Puts a batch until it is certain what became of it. An answer that is lost is no failure: the same put is sent
   * again, and tells by the writer's token whether the lost one had got through. Never is another position written
   * while that is open: the records would appear twice.
   * @throws StoreThrottled when no attempt was applied
   */
  async #putConfirmed(shard: ShardReference, batch: DataBatch, claim: Claim): Promise<'written' | 'taken'> {
    const deadlineMs = claim.claimedMs + ACK_DEADLINE_MS;
    for (let lost = false; ; lost = true) {
      try {
        const outcome = await putBatch(this.#tables, shard, batch);
        return this.#inTime(outcome, deadlineMs);
      } catch (error) {
        const throttled = error instanceof StoreThrottled;
        if (!(mayHaveBeenApplied(error) || (throttled && lost))) {
          throw error;
        }
        if (this.#now() + RETRY_DELAY_MS > deadlineMs) {
          throw new AppendUnconfirmed('the write was not confirmed before its deadline', { cause: error });
        }
        await sleep(RETRY_DELAY_MS);
      }
    }
  }

  #inTime(outcome: 'written' | 'taken', deadlineMs: number): 'written' | 'taken' {
    if (outcome === 'written' && this.#now() > deadlineMs) {
      throw new AppendUnconfirmed('the write was confirmed after its deadline');
    }
    return outcome;
  }
}

type BatchContent = Pick<DataBatch, 'body' | 'chunks'>;

/** A body that is packed, and stored where it is too large for its batch. */
interface StoredBody {
  readonly admitted: readonly number[];
  readonly content: BatchContent;
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((index, i) => index === b[i]);

function batchOf(append: Append, claim: Claim, writer: string, content: BatchContent): DataBatch {
  // Taken from the claim that succeeds: searches by time rely on arrival times that ascend with the positions.
  const arrivalMs = Math.max(claim.arrivalMs, append.shardCreatedMs);
  return {
    kind: 'data',
    position: claim.position,
    arrivalMs,
    beforeMs: claim.beforeMs,
    writer,
    ttl: expirySeconds(arrivalMs, append.retentionMs),
    recordCount: claim.admitted.length,
    ...(append.encrypted && { encrypted: true }),
    ...(claim.headMs !== undefined && { headMs: claim.headMs }),
    ...claim.counts,
    ...content,
  };
}
