import { setTimeout as sleep } from 'node:timers/promises';
import type { Limits } from '../model/limits.ts';
import { type Batch, type DataBatch, MAX_ITEM_BODY_BYTES, putBatch, putChunks } from '../store/batch-item.ts';
import { type Conditional, mayHaveBeenApplied } from '../store/condition.ts';
import { StoreThrottled } from '../store/store-throttled.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { type ReservationRequest, reservePosition, type SecondCounts, type Tail } from '../store/tail-item.ts';
import { planAdmission, type SeenTail, uncounted } from './admission.ts';
import { type LogRecord, packRecords, recordBytes } from './batch-body.ts';
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

/** A reservation fails for good reasons only a few times in a row: a new second, another writer's counts, a filled hole. */
const MAX_CLAIMS = 12;

const RETRY_DELAY_MS = 50;

/** Beyond so many shards the hints are dropped and begun anew: a wrong hint costs one write unit. */
const MAX_REMEMBERED_SHARDS = 20_000;

const UNSEEN: SeenTail = { countedSecond: 0, secondRecords: 0, secondBytes: 0, reservedMs: 0 };

/** A position that is ours to write. */
interface Claim {
  readonly position: number;
  /** By the writer's own clock, before the reservation was sent; the deadline counts from it. */
  readonly claimedMs: number;
  /** As the tail tells it: never before the reservations of lower positions. */
  readonly reservedMs: number;
  readonly beforeMs: number;
  readonly counts: SecondCounts;
}

/** What an append does with the outcome of one reservation. */
type Reservation = { readonly claim: Claim } | 'refused' | 'closed';

/**
 * The writers' side of the shard log (docs/log.md#writers).
 *
 *   RESERVE(p)  UpdateItem on the tail, if open and within the limits: p := next, next := p + 1
 *   WRITE(p)    PutItem of the batch at p, if nothing is there
 *   ACK         with sequence numbers made of p, if WRITE was confirmed within the deadline
 *
 * A stop between RESERVE and WRITE leaves a hole, which readers fill once it is old; a WRITE that finds its position
 * taken reserves again.
 */
export class ShardWriter {
  readonly #tables: Tables;
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #newWriter: () => string;
  /** What this process last saw of each shard's tail: a hint, by which a reservation picks its form. */
  readonly #seen = new Map<string, SeenTail>();

  /** @param newWriter makes a token that no other append has, in any process */
  constructor(tables: Tables, limits: Limits, now: () => number, newWriter: () => string) {
    this.#tables = tables;
    this.#limits = limits;
    this.#now = now;
    this.#newWriter = newWriter;
  }

  /**
   * Appends the records that the shard's limits admit, as one batch.
   * @throws AppendUnconfirmed, or what the engine throws when it cannot be reached: the records may have been written
   */
  async append(append: Append): Promise<AppendOutcome> {
    try {
      return await this.#append(append);
    } catch (error) {
      if (error instanceof StoreThrottled) {
        return { kind: 'throttled' };
      }
      throw error;
    }
  }

  /** @throws StoreThrottled when nothing was written */
  async #append(append: Append): Promise<AppendOutcome> {
    const sizes = append.records.map(recordBytes);
    for (let tries = 0; tries < MAX_CLAIMS; tries++) {
      const { admitted, request } = planAdmission(sizes, this.#lastSeen(append.shard), this.#now(), this.#limits);
      if (admitted.length === 0) {
        // Counts only grow within their second: what was full when last seen is full.
        return { kind: 'throttled' };
      }
      const reserved = await this.#reserve(append.shard, request);
      if (reserved === 'closed') {
        return { kind: 'closed' };
      }
      if (reserved !== 'refused') {
        const records = admitted.map((index) => append.records[index] as LogRecord);
        return this.#write({ ...append, records }, admitted, reserved.claim);
      }
    }
    return { kind: 'throttled' };
  }

  /** WRITE, and as long as the position turns out to be taken, RESERVE and WRITE again. */
  async #write(append: Append, admitted: readonly number[], first: Claim): Promise<AppendOutcome> {
    const writer = this.#newWriter();
    const content = await this.#storeBody(append, writer, expirySeconds(first.reservedMs, append.retentionMs));
    let claim = first;
    for (let tries = 0; tries < MAX_CLAIMS; tries++) {
      // Taken from the claim that succeeds: searches by time rely on arrival times that ascend with the positions.
      const arrivalMs = Math.max(claim.reservedMs, append.shardCreatedMs);
      const batch: DataBatch = {
        kind: 'data',
        position: claim.position,
        arrivalMs,
        beforeMs: claim.beforeMs,
        writer,
        ttl: expirySeconds(arrivalMs, append.retentionMs),
        recordCount: append.records.length,
        ...(append.encrypted && { encrypted: true }),
        ...claim.counts,
        ...content,
      };
      if ((await this.#putConfirmed(append.shard, batch, claim)) === 'written') {
        return { kind: 'appended', position: claim.position, offset: 0, arrivalMs, admitted };
      }
      const again = await this.#reserveUncounted(append.shard);
      if (again === 'closed') {
        return { kind: 'closed' };
      }
      claim = again.claim;
    }
    throw new AppendUnconfirmed('every claimed position was taken');
  }

  async #storeBody(append: Append, writer: string, ttl: number): Promise<Pick<DataBatch, 'body' | 'chunks'>> {
    const body = packRecords(append.records);
    return body.length <= MAX_ITEM_BODY_BYTES
      ? { body }
      : { chunks: await putChunks(this.#tables, append.shard, writer, body, ttl) };
  }

  /**
   * Puts a batch until it is certain what became of it. An answer that is lost is no failure: the same put is sent
   * again, and tells by the writer's token whether the lost one had got through. Never is another position written
   * while that is open: the records would appear twice.
   * @throws StoreThrottled when no attempt was applied
   */
  async #putConfirmed(shard: ShardReference, batch: Batch, claim: Claim): Promise<'written' | 'taken'> {
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

  /** RESERVE for records that an earlier reservation has counted. */
  async #reserveUncounted(shard: ShardReference): Promise<{ readonly claim: Claim } | 'closed'> {
    for (let tries = 0; tries < MAX_CLAIMS; tries++) {
      const reserved = await this.#reserve(shard, uncounted(this.#lastSeen(shard), this.#now()));
      if (reserved !== 'refused') {
        return reserved;
      }
    }
    throw new AppendUnconfirmed('no position could be reserved');
  }

  async #reserve(shard: ShardReference, request: ReservationRequest): Promise<Reservation> {
    const claimedMs = this.#now();
    const outcome = await reservePosition(this.#tables, shard, request);
    return outcome.held
      ? { claim: this.#claimed(shard, request, outcome.value, claimedMs) }
      : this.#refused(shard, outcome);
  }

  #claimed(shard: ShardReference, request: ReservationRequest, old: Tail, claimedMs: number): Claim {
    const { reservedMs } = request;
    const counts = countsAfter(request, old);
    this.#remember(shard, { ...counts, reservedMs });
    return { position: old.nextPosition, claimedMs, reservedMs, beforeMs: old.reservedMs, counts };
  }

  #refused(shard: ShardReference, outcome: Conditional<Tail> & { readonly held: false }): 'refused' | 'closed' {
    const tail = outcome.found as Tail | undefined;
    if (tail?.shardState !== 'OPEN') {
      this.#seen.delete(shardName(shard));
      return 'closed';
    }
    this.#remember(shard, tail);
    return 'refused';
  }

  #lastSeen(shard: ShardReference): SeenTail {
    return this.#seen.get(shardName(shard)) ?? UNSEEN;
  }

  #remember(shard: ShardReference, { countedSecond, secondRecords, secondBytes, reservedMs }: SeenTail): void {
    if (this.#seen.size >= MAX_REMEMBERED_SHARDS) {
      this.#seen.clear();
    }
    this.#seen.set(shardName(shard), { countedSecond, secondRecords, secondBytes, reservedMs });
  }
}

/** Tells shards apart in a process' memory. */
export const shardName = ({ streamId, shardIndex }: ShardReference): string => `${streamId}#${shardIndex}`;

/** The second's counts once a reservation has been made. */
function countsAfter({ admission, second, records, bytes }: ReservationRequest, old: Tail): SecondCounts {
  const { countedSecond, secondRecords, secondBytes } = old;
  switch (admission.form) {
    case 'uncounted':
      return { countedSecond, secondRecords, secondBytes };
    case 'same second':
      return { countedSecond, secondRecords: secondRecords + records, secondBytes: secondBytes + bytes };
    case 'new second':
      return { countedSecond: second, secondRecords: records, secondBytes: bytes };
    case 'replace':
      return { countedSecond: second, secondRecords: records, secondBytes: bytes + admission.carriedBytes };
  }
}
