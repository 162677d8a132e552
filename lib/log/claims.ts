import type { Limits } from '../model/limits.ts';
import { type Moment, Stopwatch } from '../runtime/stopwatch.ts';
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
import {
  aloneSince,
  FROM_THE_START,
  seenAbove,
  seenBy,
  UNSEEN,
  unlessForgotten,
  type Way,
  wayInChain,
} from './claim-ways.ts';
import {
  CHAIN_FORGOTTEN_MS,
  CHAIN_LIFE_MS,
  CLAIM_DEADLINE_MS,
  earliestMs,
  LEAP,
  lastClaimMs,
  reservationMs,
} from './protocol.ts';

/** A position that a writer may put its batch at. */
export interface Claim {
  readonly position: number;
  /** Indexes of the records that the shard's limits admit, ascending; one at least. */
  readonly admitted: readonly number[];
  /** Before anything was sent, and before the time that the claim is told with was taken; the deadline counts from it. */
  readonly claimed: Moment;
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
  /** The batch that stands there; undefined when it is not known. */
  readonly takenBy: Batch | undefined;
}

/** No position was won before the deadline: others were always faster. Nothing was written. */
export class NoPositionWon extends Error {
  override readonly name = 'NoPositionWon';
}

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
  readonly #stopwatch: Stopwatch;
  readonly #guessing: boolean;
  readonly #memory: ClaimMemory;

  /** @param guessing whether this process begins and continues chains; it understands those of others in any case */
  constructor(tables: Tables, limits: Limits, now: () => number, guessing: boolean) {
    this.#tables = tables;
    this.#limits = limits;
    this.#now = now;
    this.#stopwatch = new Stopwatch(now);
    this.#guessing = guessing;
    this.#memory = new ClaimMemory(now);
  }

  /**
   * Claims a position for as many records as the shard's limits admit.
   * @param sizes data + partition key bytes of each record
   * @param begun when the append began: it gives up some time after
   * @param lost  the claim of the same records before this one
   * @returns `throttled`: the limits admit none; `closed`: the shard takes no more records
   * @throws NoPositionWon, or what the engine throws: a position may have been reserved, which is harmless
   */
  async claim(
    shard: ShardReference,
    sizes: readonly number[],
    begun: Moment,
    lost: LostClaim | undefined,
  ): Promise<Claim | 'throttled' | 'closed'> {
    const isLast = !this.#guessing || isContended(lost);
    // Where nothing speaks against it, the cheaper read is right nearly always; a guess by it is no less safe.
    const consistent = lost !== undefined;
    let way: Way | 'closed' | undefined = this.#firstWay(shard, lost);
    let looked: { readonly newest: Batch | undefined } | undefined = lost?.takenBy && way && { newest: lost.takenBy };
    do {
      if (way === undefined) {
        looked = { newest: await newestBatch(this.#tables, shard, { consistent }) };
        way = this.#wayAbove(looked.newest);
      }
      if (way === 'closed') {
        return 'closed';
      }
      // Taken once, before the claim is told with any time: a process may stand still between two lines.
      const claimed = this.#stopwatch.moment();
      way = unlessForgotten(way, claimed);
      const plan = planAdmission(sizes, seenBy(way), claimed.wallMs, this.#limits);
      if (plan.admitted.length === 0) {
        // Counts only grow within their second: what was full when last seen is full.
        return 'throttled';
      }
      const options = { claimed, looked: consistent && looked !== undefined, isLast };
      const claim = this.#claimChained(way, plan, options);
      if (claim !== undefined) {
        return claim;
      }
      const reserved = await this.#reserve(shard, way, plan, options);
      if ('claim' in reserved) {
        return reserved.claim;
      }
      way = this.#wayAfter(way, reserved, looked);
    } while (this.#stopwatch.ageMs(begun) <= CLAIM_DEADLINE_MS);
    throw new NoPositionWon('every claim of a position came too late');
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

  /** @returns undefined: by a look at the newest batch */
  #firstWay(shard: ShardReference, lost: LostClaim | undefined): Way | 'closed' | undefined {
    if (lost?.takenBy?.kind === 'seal') {
      return 'closed';
    }
    if (lost?.claim.chained) {
      if (!lost.claim.looked) {
        this.#memory.noteOthers(shard);
        return undefined;
      }
      // Who has just looked goes on above the batch that was faster, as soon as that one's own writer.
      return lost.takenBy && this.#wayAbove(lost.takenBy);
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
    return { kind: 'guess', newest, notBeforeMs: newest.arrivalMs };
  }

  /** GUESS: claims a position of a chain, without a call; undefined where the tail has to be asked. */
  #claimChained(way: Way, plan: Admission, { claimed, looked, isLast }: ClaimOptions): Claim | undefined {
    const common = { admitted: plan.admitted, arrivalMs: plan.notBeforeMs, chained: true, looked };
    if (way.kind === 'take head') {
      const { nextPosition, reservedMs: headMs } = way.tail;
      return {
        ...common,
        claimed: way.asked,
        position: nextPosition - 1,
        beforeMs: headMs,
        counts: countsAfter(plan.request, way.tail),
        ...(!isLast && { headMs }),
      };
    }
    if (way.kind !== 'guess') {
      return undefined;
    }
    const { newest } = way;
    const { headMs = Number.NEGATIVE_INFINITY } = newest;
    if (claimed.wallMs - headMs > CHAIN_LIFE_MS) {
      return undefined;
    }
    return {
      ...common,
      claimed,
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
    { claimed, isLast }: ClaimOptions,
  ): Promise<{ readonly claim: Claim } | Refusal> {
    const request = this.#request(way, plan, claimed);
    const outcome = await reservePosition(this.#tables, shard, request);
    if (!outcome.held) {
      return { refusedBy: outcome.found as Tail | undefined, asked: claimed };
    }
    const old = outcome.value;
    const { take, reservedMs } = request;
    const position = takenPosition(take, old);
    const counts = countsAfter(request.admission, old);
    const chained = take.kind === 'head' || take.kind === 'renewal' || take.kind === 'new head';
    if (!chained) {
      const aloneSinceMs = aloneSince(way, position, { beforeMs: old.reservedMs, nowMs: claimed.wallMs });
      const seen = { ...counts, reservedMs };
      this.#memory.remember(shard, { kind: 'reserve', seen, expected: position + 1, aloneSinceMs });
    }
    const newestMs = 'newest' in way ? way.newest.arrivalMs : 0;
    const claim: Claim = {
      position,
      admitted: plan.admitted,
      claimed,
      arrivalMs: Math.max(claimed.wallMs, earliestMs(old.reservedMs), newestMs),
      beforeMs: Math.max(newestMs, lastClaimMs(old, claimed.wallMs)),
      counts,
      chained,
      looked: true,
      ...(chained && !isLast && { headMs: reservedMs }),
    };
    return { claim };
  }

  #request(way: Way, { request, notBeforeMs }: Admission, { wallMs }: Moment): ReservationRequest {
    const reservedMs = reservationMs(notBeforeMs);
    if (way.kind === 'reserve') {
      return { take: this.#takeNext(way, wallMs), reservedMs, admission: request };
    }
    const counts = countsAfter(request, seenBy(way));
    return { take: takeBesideTail(way, wallMs), reservedMs, admission: { form: 'known', counts } };
  }

  #takeNext({ expected, aloneSinceMs }: Way & { readonly kind: 'reserve' }, nowMs: number): PositionRequest {
    const isAlone = nowMs - aloneSinceMs >= ALONE_MS;
    return this.#guessing && isAlone && expected !== undefined ? { kind: 'head', expected } : { kind: 'next' };
  }

  /** How to go on after the tail has refused. @returns undefined: by another look at the newest batch */
  #wayAfter(
    way: Way,
    { refusedBy: tail, asked }: Refusal,
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
      ? { kind: 'new head', seen: tail, leap: true, restedMs: CHAIN_FORGOTTEN_MS }
      : looked && wayInChain(tail, looked.newest, asked);
  }
}

/** What a claim is made with. */
interface ClaimOptions {
  readonly claimed: Moment;
  /** Whether the newest batch was read for this claim, consistently. */
  readonly looked: boolean;
  /** Whether it ends the chain. */
  readonly isLast: boolean;
}

/** The tail that refused, and when it was asked. */
interface Refusal {
  readonly refusedBy: Tail | undefined;
  readonly asked: Moment;
}

/** Whether another writer is at work this very moment, so that a chain is more trouble than it saves. */
const isContended = (lost: LostClaim | undefined): boolean =>
  lost !== undefined && (lost.claim.looked || lost.bodyBytes > LARGE_BODY_BYTES);

/** The position above a chain, or above one whose time is over. */
function takeBesideTail(way: Way, nowMs: number): PositionRequest {
  if (way.kind === 'guess') {
    return { kind: 'renewal', position: way.newest.position + 1 };
  }
  if (way.kind === 'end of chain') {
    return { kind: 'end of chain', position: way.newest.position + 1 };
  }
  const { leap, restedMs } = way as Way & { readonly kind: 'new head' };
  return { kind: 'new head', distance: leap ? LEAP : 0, restedSinceMs: nowMs - restedMs };
}

/** A batch without what it weighs. */
function headerOf(batch: Batch): Batch {
  const { body: _body, ...header } = batch as Batch & { readonly body?: Uint8Array };
  return header as Batch;
}
