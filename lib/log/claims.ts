import type { Limits } from '../model/limits.ts';
import { type Batch, newestBatch } from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import {
  countsAfter,
  type PositionRequest,
  type ReservationRequest,
  reservePosition,
  type SecondCounts,
  type Tail,
  takenPosition,
} from '../store/tail-item.ts';
import { type Admission, planAdmission } from './admission.ts';
import { ClaimMemory } from './claim-memory.ts';
import { aloneSince, FROM_THE_START, seenAbove, seenBy, UNSEEN, type Way, wayInChain } from './claim-ways.ts';
import { CHAIN_FORGOTTEN_MS, CHAIN_LIFE_MS, earliestMs, LEAP, lastClaimMs, reservationMs } from './protocol.ts';

/** A position that a writer may put its batch at. */
export interface Claim {
  readonly position: number;
  /** Indexes of the records that the shard's limits admit, ascending; one at least. */
  readonly admitted: readonly number[];
  /** By the writer's own clock, before anything was sent; the deadline counts from it. */
  readonly claimedMs: number;
  /** When its records arrive, epoch ms: ascends with the positions, but for a fraction of a second. */
  readonly arrivalMs: number;
  readonly beforeMs: number;
  readonly counts: SecondCounts;
  /** For a link of a chain; undefined for its last one, and for what was reserved. */
  readonly headMs?: number;
  /** Whether the position belongs to a chain. */
  readonly chained: boolean;
  /** Whether the newest batch was read for this claim, consistently. */
  readonly looked: boolean;
}

/** How a claim of the same append ended before: at a position that another batch has taken. */
export interface LostClaim {
  readonly claim: Claim;
  /** A put that is lost is billed by its size. */
  readonly bodyBytes: number;
}

/** A claim fails for good reasons only a few times in a row: a new second, another writer, a turn of the shard's claims. */
const MAX_TRIES = 12;

/** Who has been alone for so long begins a chain. */
const ALONE_MS = 5_000;

/** Above this size a put that is lost costs more than a reservation for each of some puts. */
const LARGE_BODY_BYTES = 4_096;

/**
 * Claims positions for the batches of one process (docs/log.md#claiming-a-position): by a guess, which is no call at all,
 * while writers do not meet; by reservations of the tail while they do.
 */
export class PositionClaims {
  readonly #tables: Tables;
  readonly #limits: Pick<Limits, 'throttling' | 'shardRecordsPerSecond' | 'shardBytesPerSecond'>;
  readonly #now: () => number;
  readonly #guessing: boolean;
  readonly #memory: ClaimMemory;

  /** @param guessing whether this process begins and continues chains; it understands those of others in any case */
  constructor(tables: Tables, limits: Limits, now: () => number, guessing: boolean) {
    this.#tables = tables;
    this.#limits = limits;
    this.#now = now;
    this.#guessing = guessing;
    this.#memory = new ClaimMemory(now);
  }

  /**
   * Claims a position for as many records as the shard's limits admit.
   * @param sizes data + partition key bytes of each record
   * @param lost  the claim of the same records before this one
   * @returns `throttled`: the limits admit none; `closed`: the shard takes no more records
   * @throws what the engine throws: a position may have been reserved, which is harmless
   */
  async claim(
    shard: ShardReference,
    sizes: readonly number[],
    lost: LostClaim | undefined,
  ): Promise<Claim | 'throttled' | 'closed'> {
    const isLast = !this.#guessing || isContended(lost);
    // Where nothing speaks against it, the cheaper read is right nearly always; a guess by it is no less safe.
    const consistent = lost !== undefined;
    let way: Way | 'closed' | undefined = this.#firstWay(shard, lost);
    let looked: { readonly newest: Batch | undefined } | undefined;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (way === undefined) {
        looked = { newest: await newestBatch(this.#tables, shard, { consistent }) };
        way = this.#wayAbove(looked.newest);
      }
      if (way === 'closed') {
        return 'closed';
      }
      const plan = planAdmission(sizes, seenBy(way), this.#now(), this.#limits);
      if (plan.admitted.length === 0) {
        // Counts only grow within their second: what was full when last seen is full.
        return 'throttled';
      }
      const claim = this.#claimChained(way, plan, consistent && looked !== undefined, isLast);
      if (claim !== undefined) {
        return claim;
      }
      const claimed = await this.#reserve(shard, way, plan, isLast);
      if ('claim' in claimed) {
        return claimed.claim;
      }
      way = this.#wayAfter(way, claimed, looked);
    }
    return 'throttled';
  }

  /** A claimed position now holds its writer's batch. */
  confirmed(shard: ShardReference, claim: Claim, batch: Batch): void {
    if (claim.chained) {
      const kind = batch.headMs === undefined ? 'end of chain' : 'guess';
      this.#memory.remember(shard, { kind, newest: headerOf(batch), notBeforeMs: batch.arrivalMs });
    }
  }

  /** What became of a claim is not known. */
  forget(shard: ShardReference): void {
    this.#memory.forget(shard);
  }

  #firstWay(shard: ShardReference, lost: LostClaim | undefined): Way | undefined {
    if (lost?.claim.chained) {
      if (!lost.claim.looked) {
        this.#memory.noteOthers(shard);
      }
      return undefined;
    }
    const way = this.#memory.recall(shard);
    if (way !== undefined || this.#guessing) {
      return way;
    }
    return { kind: 'reserve', seen: UNSEEN, expected: undefined, aloneSinceMs: this.#now() };
  }

  #wayAbove(newest: Batch | undefined): Way | 'closed' {
    if (newest === undefined) {
      return FROM_THE_START;
    }
    if (newest.kind === 'seal') {
      return 'closed';
    }
    const seen = seenAbove(newest, newest.arrivalMs);
    if (newest.headMs === undefined) {
      return { kind: 'reserve', seen, expected: newest.position + 1, aloneSinceMs: newest.arrivalMs };
    }
    return this.#now() - newest.headMs > CHAIN_FORGOTTEN_MS
      ? { kind: 'new head', seen, leap: true }
      : { kind: 'guess', newest, notBeforeMs: newest.arrivalMs };
  }

  /** GUESS: claims a position of a chain, without a call; undefined where the tail has to be asked. */
  #claimChained(way: Way, plan: Admission, looked: boolean, isLast: boolean): Claim | undefined {
    const common = { admitted: plan.admitted, arrivalMs: plan.notBeforeMs, chained: true, looked };
    if (way.kind === 'take head') {
      const { nextPosition, reservedMs: headMs } = way.tail;
      return {
        ...common,
        claimedMs: way.askedMs,
        position: nextPosition - 1,
        beforeMs: headMs,
        counts: countsAfter(plan.request, way.tail),
        ...(!isLast && { headMs }),
      };
    }
    if (way.kind !== 'guess') {
      return undefined;
    }
    const claimedMs = this.#now();
    const { newest } = way;
    const { headMs = Number.NEGATIVE_INFINITY } = newest;
    if (claimedMs - headMs > CHAIN_LIFE_MS) {
      return undefined;
    }
    return {
      ...common,
      claimedMs,
      position: newest.position + 1,
      beforeMs: Math.max(newest.beforeMs, newest.arrivalMs),
      counts: countsAfter(plan.request, newest),
      ...(!isLast && { headMs }),
    };
  }

  /** RESERVE, in the form that the way asks for. */
  async #reserve(
    shard: ShardReference,
    way: Way,
    plan: Admission,
    isLast: boolean,
  ): Promise<{ readonly claim: Claim } | Refusal> {
    const claimedMs = this.#now();
    const request = this.#request(way, plan);
    const outcome = await reservePosition(this.#tables, shard, request);
    if (!outcome.held) {
      return { refusedBy: outcome.found as Tail | undefined, askedMs: claimedMs };
    }
    const old = outcome.value;
    const { take, reservedMs } = request;
    const position = takenPosition(take, old);
    const counts = countsAfter(request.admission, old);
    const chained = take.kind === 'head' || take.kind === 'renewal' || take.kind === 'new head';
    if (!chained) {
      const aloneSinceMs = aloneSince(way, position, { beforeMs: old.reservedMs, nowMs: claimedMs });
      const seen = { ...counts, reservedMs };
      this.#memory.remember(shard, { kind: 'reserve', seen, expected: position + 1, aloneSinceMs });
    }
    const newestMs = 'newest' in way ? way.newest.arrivalMs : 0;
    const claim: Claim = {
      position,
      admitted: plan.admitted,
      claimedMs,
      arrivalMs: Math.max(claimedMs, earliestMs(old.reservedMs), newestMs),
      beforeMs: Math.max(newestMs, lastClaimMs(old, claimedMs)),
      counts,
      chained,
      looked: true,
      ...(chained && !isLast && { headMs: reservedMs }),
    };
    return { claim };
  }

  #request(way: Way, { request, notBeforeMs }: Admission): ReservationRequest {
    const reservedMs = reservationMs(notBeforeMs);
    if (way.kind === 'reserve') {
      return { take: this.#takeNext(way), reservedMs, admission: request };
    }
    const counts = countsAfter(request, seenBy(way));
    return { take: this.#takeBesideTail(way), reservedMs, admission: { form: 'known', counts } };
  }

  #takeNext({ expected, aloneSinceMs }: Way & { readonly kind: 'reserve' }): PositionRequest {
    const isAlone = this.#now() - aloneSinceMs >= ALONE_MS;
    return this.#guessing && isAlone && expected !== undefined ? { kind: 'head', expected } : { kind: 'next' };
  }

  #takeBesideTail(way: Way): PositionRequest {
    if (way.kind === 'guess') {
      return { kind: 'renewal', position: way.newest.position + 1 };
    }
    if (way.kind === 'end of chain') {
      return { kind: 'end of chain', position: way.newest.position + 1 };
    }
    const { leap } = way as Way & { readonly kind: 'new head' };
    const restMs = leap ? CHAIN_FORGOTTEN_MS : CHAIN_LIFE_MS;
    return { kind: 'new head', distance: leap ? LEAP : 0, restedSinceMs: this.#now() - restMs };
  }

  /** How to go on after the tail has refused. @returns undefined: by another look at the newest batch */
  #wayAfter(
    way: Way,
    { refusedBy: tail, askedMs }: Refusal,
    looked: { readonly newest: Batch | undefined } | undefined,
  ): Way | 'closed' | undefined {
    if (tail?.shardState !== 'OPEN') {
      return 'closed';
    }
    if (tail.claims === 'RESERVE') {
      const isExpected = way.kind === 'reserve' && way.expected === tail.nextPosition;
      return {
        kind: 'reserve',
        seen: tail,
        expected: tail.nextPosition,
        aloneSinceMs: isExpected ? way.aloneSinceMs : tail.reservedMs,
      };
    }
    return this.#now() - tail.reservedMs > CHAIN_FORGOTTEN_MS
      ? { kind: 'new head', seen: tail, leap: true }
      : looked && wayInChain(tail, looked.newest, askedMs);
  }
}

/** The tail that refused, and when it was asked. */
interface Refusal {
  readonly refusedBy: Tail | undefined;
  /** Epoch ms. */
  readonly askedMs: number;
}

/** Whether another writer is at work this very moment, so that a chain is more trouble than it saves. */
const isContended = (lost: LostClaim | undefined): boolean =>
  lost !== undefined && (lost.claim.looked || lost.bodyBytes > LARGE_BODY_BYTES);

/** A batch without what it weighs. */
function headerOf(batch: Batch): Batch {
  const { body: _body, ...header } = batch as Batch & { readonly body?: Uint8Array };
  return header as Batch;
}
