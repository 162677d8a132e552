import { setTimeout as sleep } from 'node:timers/promises';
import { type Limits, MAX_ITEM_BODY_BYTES } from '../model/limits.ts';
import { type Moment, Stopwatch } from '../runtime/stopwatch.ts';
import { type DataBatch, type PutOutcome, putBatch } from '../store/batch-item.ts';
import { lifeUntil, objectExpirySeconds, putBodyObject } from '../store/body-object.ts';
import { putChunks } from '../store/chunk-item.ts';
import { isThrottle, mayHaveBeenApplied, StoreThrottled } from '../store/store-errors.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { type LogRecord, packRecords } from './batch-body.ts';
import { type Claim, type LostClaim, NoPositionWon } from './claim.ts';
import { PositionClaims } from './claims.ts';
import { ACK_DEADLINE_MS, bodyExpirySeconds, CLAIM_DEADLINE_MS, expirySeconds, SETTINGS_LIFE_MS } from './protocol.ts';

/** Records to append to one shard, in their order; 1024 at most. */
export interface Append {
  readonly shard: ShardReference;
  readonly records: readonly LogRecord[];
  readonly retentionMs: number;
  /** Sequence numbers contain it, so no arrival time may be earlier; epoch ms. */
  readonly shardCreatedMs: number;
  /** Whether the stream is encrypted. The batch stores it. */
  readonly encrypted: boolean;
  /** Taken before the stream was read, whose settings this append uses. Undefined: just now. */
  readonly settingsRead?: Moment | undefined;
}

/** The only causes of throttling. */
export type ThrottleCause = 'shard limit' | 'store load' | 'full queue';

/** What a second of a shard holds after an append. */
export interface ShardLoad {
  /** Epoch seconds. */
  readonly second: number;
  readonly records: number;
  /** Data and partition keys. */
  readonly bytes: number;
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
      readonly load: ShardLoad;
    }
  /** The limits of the shard, of DynamoDB or of the process admit none of the records. Nothing was written. */
  | { readonly kind: 'throttled'; readonly cause: ThrottleCause }
  /** The shard takes no more records. Nothing was written: route by hash key again. */
  | { readonly kind: 'closed' };

/** It is unknown whether the records were appended: the put was not confirmed before the deadline. */
export class AppendUnconfirmed extends Error {
  override readonly name = 'AppendUnconfirmed';
}

const RETRY_DELAY_MS = 50;

/** How a process writes to shards. */
export interface WriterOptions {
  /** Whether positions are guessed while one writer is at work. Otherwise every position is reserved. */
  readonly guessing: boolean;
  /** Bodies with more bytes are compressed: it costs processor time and saves write units. Undefined: from the size on at which it saves units. */
  readonly compressAbove?: number | undefined;
  /** Called after each confirmed append. */
  readonly appended?: (shard: ShardReference) => void;
  /** Called after each lost claim. */
  readonly claimLost?: () => void;
}

/**
 * The writers' side of the shard log (docs/log.md#writers; its words are in docs/glossary.md).
 *
 *   CLAIM(p)  a position above the chain's newest batch (a guess), or the tail's next one (a reservation)
 *   WRITE(p)  PutItem of the batch at p, if nothing is there
 *   ACK       with sequence numbers made of p, if WRITE was confirmed within the deadline
 *
 * A stop between a reservation and WRITE leaves a gap, which readers fill once it is old. A writer whose WRITE finds its
 * position taken claims again.
 */
export class ShardWriter {
  readonly #tables: Tables;
  readonly #stopwatch: Stopwatch;
  readonly #now: () => number;
  readonly #newWriter: () => string;
  readonly #claims: PositionClaims;
  readonly #compressAbove: number | undefined;
  readonly #appended: (shard: ShardReference) => void;
  readonly #claimLost: () => void;

  /** @param newWriter makes a token that no other batch has, in any process */
  constructor(tables: Tables, limits: Limits, now: () => number, newWriter: () => string, options: WriterOptions) {
    this.#tables = tables;
    this.#stopwatch = new Stopwatch(now);
    this.#now = now;
    this.#newWriter = newWriter;
    this.#compressAbove = options.compressAbove;
    this.#appended = options.appended ?? (() => {});
    this.#claimLost = options.claimLost ?? (() => {});
    this.#claims = new PositionClaims(tables, limits, now, options.guessing);
  }

  /**
   * Appends the records that the shard's limits admit, as one batch.
   * @throws NoPositionWon when nothing was written; AppendUnconfirmed, or what the engine throws when it cannot be reached:
   * the records may have been written
   */
  async append(append: Append): Promise<AppendOutcome> {
    try {
      return await this.#append(append);
    } catch (error) {
      this.#claims.forget(append.shard);
      if (error instanceof StoreThrottled) {
        return { kind: 'throttled', cause: 'store load' };
      }
      throw error;
    }
  }

  /** @throws StoreThrottled when nothing was written */
  async #append(append: Append): Promise<AppendOutcome> {
    const { shard } = append;
    const sizes = append.records.map(({ bytes }) => bytes);
    const begun = this.#stopwatch.moment();
    const settingsRead = append.settingsRead ?? begun;
    let stored: StoredBody | undefined;
    let lost: LostClaim | undefined;
    do {
      const claim = await this.#claim(shard, sizes, begun, lost);
      if (claim === 'throttled') {
        return { kind: 'throttled', cause: 'shard limit' };
      }
      if (claim === 'closed') {
        return { kind: 'closed' };
      }
      stored = isGoodFor(stored, claim, append) ? stored : await this.#storeBody(append, claim);
      const batch = batchOf(append, claim, stored);
      const outcome = await this.#putConfirmed(shard, batch, { claimed: claim.claimed, settingsRead });
      if (outcome.kind === 'written') {
        this.#claims.confirmed(shard, claim, batch);
        this.#appended(shard);
        const { position, admitted, counts } = claim;
        const load = { second: counts.countedSecond, records: counts.secondRecords, bytes: counts.secondBytes };
        return { kind: 'appended', position, offset: 0, arrivalMs: batch.arrivalMs, admitted, load };
      }
      lost = { claim, bodyBytes: batch.body?.length ?? 0, takenBy: outcome.by };
      this.#claimLost();
    } while (this.#stopwatch.ageMs(begun) <= CLAIM_DEADLINE_MS);
    throw new NoPositionWon('every position was taken by another batch');
  }

  /** If DynamoDB throttles the claim, a position may have been reserved all the same. This only leaves a gap: nothing was written. */
  async #claim(shard: ShardReference, sizes: readonly number[], begun: Moment, lost: LostClaim | undefined) {
    try {
      return await this.#claims.claim(shard, sizes, begun, lost);
    } catch (error) {
      throw isThrottle(error) ? new StoreThrottled('no position could be claimed', { cause: error }) : error;
    }
  }

  /** CHUNK, OBJECT: each stored body has a name of its own, so that a late attempt to store one never damages another. */
  async #storeBody(append: Append, claim: Claim): Promise<StoredBody> {
    const { admitted } = claim;
    const { bodies } = this.#tables;
    const bytes = packRecords(
      admitted.map((index) => append.records[index] as LogRecord),
      this.#compressAbove,
    );
    const until = () => bodyExpirySeconds(arrivalOf(append, claim), append.retentionMs);
    if (bodies !== undefined && bytes.length > bodies.aboveBytes) {
      const putMs = this.#now();
      const life = lifeUntil(until(), putMs);
      const newWriter = this.#newWriter;
      const stored = await putBodyObject(bodies, append.shard, bytes, { objectDays: life, newWriter });
      return { admitted, ...stored, ttl: objectExpirySeconds(putMs, life) };
    }
    const writer = this.#newWriter();
    if (bytes.length <= MAX_ITEM_BODY_BYTES) {
      return { admitted, writer, content: { body: bytes }, ttl: Number.POSITIVE_INFINITY };
    }
    const ttl = until();
    const chunks = await putChunks(this.#tables, append.shard, { writer, bytes }, ttl);
    return { admitted, writer, content: { chunks }, ttl };
  }

  /**
   * Repeats a put until its result is known. A lost response is not a failure: the same put is sent again, and the writer's
   * token shows whether the first one had been applied. While the result is unknown, the records are not written at another
   * position: they would appear twice.
   * @throws StoreThrottled when no attempt was applied
   */
  async #putConfirmed(shard: ShardReference, batch: DataBatch, since: Since): Promise<PutOutcome> {
    for (let lost = false; ; lost = true) {
      try {
        const outcome = await putBatch(this.#tables, shard, batch);
        return this.#inTime(outcome, since);
      } catch (error) {
        const throttled = error instanceof StoreThrottled;
        if (!(mayHaveBeenApplied(error) || (throttled && lost))) {
          throw error;
        }
        if (this.#stopwatch.ageMs(since.claimed) + RETRY_DELAY_MS > ACK_DEADLINE_MS) {
          throw new AppendUnconfirmed('the write was not confirmed before its deadline', { cause: error });
        }
        await sleep(RETRY_DELAY_MS);
      }
    }
  }

  /** ACK: only within the deadline, and only with settings that are at most `SETTINGS_LIFE_MS` old. */
  #inTime(outcome: PutOutcome, { claimed, settingsRead }: Since): PutOutcome {
    if (outcome.kind === 'written' && this.#stopwatch.ageMs(settingsRead) > SETTINGS_LIFE_MS) {
      throw new AppendUnconfirmed('the write was made by settings of the stream that were read too long ago');
    }
    // This check is the last one: a process may pause between two lines.
    if (outcome.kind === 'written' && this.#stopwatch.ageMs(claimed) > ACK_DEADLINE_MS) {
      throw new AppendUnconfirmed('the write was confirmed after its deadline');
    }
    return outcome;
  }
}

/** What the time until an acknowledgement counts from. */
interface Since {
  readonly claimed: Moment;
  readonly settingsRead: Moment;
}

/** A body that is packed, and stored where it is too large for its batch. */
interface StoredBody {
  readonly admitted: readonly number[];
  /** The name that no other body has. */
  readonly writer: string;
  readonly content: Pick<DataBatch, 'body' | 'chunks' | 'objectDays' | 'objectBytes'>;
  /** When what is stored apart from the batch may be removed, epoch seconds; infinite where the batch has the body. */
  readonly ttl: number;
}

/** Whether a stored body holds what a claim admits, and outlives a batch that arrives by it. */
function isGoodFor(stored: StoredBody | undefined, claim: Claim, append: Append): stored is StoredBody {
  return (
    stored !== undefined &&
    isSame(stored.admitted, claim.admitted) &&
    expirySeconds(arrivalOf(append, claim), append.retentionMs) <= stored.ttl
  );
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((index, i) => index === b[i]);

/** Taken from the claim that succeeds: searches by time rely on arrival times that ascend with the positions. */
const arrivalOf = ({ shardCreatedMs }: Append, { arrivalMs }: Claim): number => Math.max(arrivalMs, shardCreatedMs);

function batchOf(append: Append, claim: Claim, { writer, content }: StoredBody): DataBatch {
  const arrivalMs = arrivalOf(append, claim);
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
