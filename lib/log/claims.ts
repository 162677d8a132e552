import type { Limits } from '../model/limits.ts';
import { type Moment, Stopwatch } from '../runtime/stopwatch.ts';
import { type Batch, newestBatch } from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { reservePosition, type Tail } from '../store/tail-item.ts';
import { type Admission, planAdmission } from './admission.ts';
import { type Claim, type ClaimTerms, type LostClaim, NoPositionWon } from './claim.ts';
import { ClaimMemory } from './claim-memory.ts';
import {
  aloneSince,
  type ClaimMethod,
  methodAbove,
  methodAfterRefusal,
  type Refusal,
  seenBy,
  UNSEEN,
  unlessForgotten,
} from './claim-methods.ts';
import { guess } from './guess.ts';
import { CLAIM_DEADLINE_MS } from './protocol.ts';
import { reservationRequest, reservedClaim } from './reservation.ts';

/** Above this size, a lost put costs more than reservations for several puts. */
const LARGE_BODY_BYTES = 4_096;

/**
 * Claims positions for the batches of one process (docs/log.md#claiming-a-position). While one writer is at work, a claim is a
 * guess, which needs no call. While several writers meet, it is a reservation, an update of the tail.
 */
export class PositionClaims {
  readonly #tables: Tables;
  readonly #limits: Pick<Limits, 'throttling' | 'shardRecordsPerSecond' | 'shardBytesPerSecond'>;
  readonly #now: () => number;
  readonly #stopwatch: Stopwatch;
  readonly #guessing: boolean;
  readonly #memory: ClaimMemory;

  /** @param guessing whether this process begins and continues chains. It understands the chains of others in any case */
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
   * @param begun when the append began. It gives up some time later
   * @param lost  the previous claim of the same records, which was lost
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
    // Without a lost claim, the cheaper read is nearly always right, and a guess that relies on it is as safe.
    const consistent = lost !== undefined;
    let method: ClaimMethod | 'closed' | undefined = this.#firstMethod(shard, lost);
    let looked: { readonly newest: Batch | undefined } | undefined = lost?.takenBy &&
      method && { newest: lost.takenBy };
    do {
      if (method === undefined) {
        looked = { newest: await newestBatch(this.#tables, shard, { consistent }) };
        method = methodAbove(looked.newest);
      }
      if (method === 'closed') {
        return 'closed';
      }
      // Taken once, before the claim is dated: a process may pause between two lines.
      const claimed = this.#stopwatch.moment();
      method = unlessForgotten(method, claimed);
      const plan = planAdmission(sizes, seenBy(method), claimed.wallMs, this.#limits);
      if (plan.admitted.length === 0) {
        // Counts only grow within their second: a second that was full is still full.
        return 'throttled';
      }
      const terms = { claimed, looked: consistent && looked !== undefined, isLast };
      const claim = guess(method, plan, terms) ?? (await this.#reserve(shard, method, plan, terms));
      if ('position' in claim) {
        return claim;
      }
      method = methodAfterRefusal(method, claim, looked, this.#now());
    } while (this.#stopwatch.ageMs(begun) <= CLAIM_DEADLINE_MS);
    throw new NoPositionWon('every claim of a position came too late');
  }

  /** The batch of a claim has been put. */
  confirmed(shard: ShardReference, claim: Claim, batch: Batch): void {
    if (claim.chained) {
      const kind = batch.headMs === undefined ? 'end of chain' : 'guess';
      this.#memory.remember(shard, { kind, newest: headerOf(batch), notBeforeMs: batch.arrivalMs });
    }
  }

  /** The result of a claim is unknown. */
  forget(shard: ShardReference): void {
    this.#memory.forget(shard);
  }

  /** @returns undefined if the newest batch has to be read first */
  #firstMethod(shard: ShardReference, lost: LostClaim | undefined): ClaimMethod | 'closed' | undefined {
    if (lost?.takenBy?.kind === 'seal') {
      return 'closed';
    }
    if (lost?.claim.chained) {
      if (!lost.claim.looked) {
        this.#memory.noteOthers(shard);
        return undefined;
      }
      // A writer that has just read continues above the batch that was faster, as soon as that batch's own writer does.
      return lost.takenBy && methodAbove(lost.takenBy);
    }
    const method = this.#memory.recall(shard);
    if (method !== undefined || this.#guessing) {
      return method;
    }
    return { kind: 'reserve', seen: UNSEEN, expected: undefined, aloneSinceMs: this.#now() };
  }

  /** RESERVE, in the form that the method asks for. */
  async #reserve(
    shard: ShardReference,
    method: ClaimMethod,
    plan: Admission,
    terms: ClaimTerms,
  ): Promise<Claim | Refusal> {
    const { claimed } = terms;
    const request = reservationRequest(method, plan, this.#guessing, claimed.wallMs);
    const outcome = await reservePosition(this.#tables, shard, request);
    if (!outcome.held) {
      return { refusedBy: outcome.found as Tail | undefined, asked: claimed };
    }
    const claim = reservedClaim(method, plan, request, outcome.value, terms);
    if (!claim.chained) {
      const { position, counts } = claim;
      const aloneSinceMs = aloneSince(method, position, { beforeMs: outcome.value.reservedMs, nowMs: claimed.wallMs });
      const seen = { ...counts, reservedMs: request.reservedMs };
      this.#memory.remember(shard, { kind: 'reserve', seen, expected: position + 1, aloneSinceMs });
    }
    return claim;
  }
}

/** Whether another writer is at work right now, so that a chain costs more than it saves. */
const isContended = (lost: LostClaim | undefined): boolean =>
  lost !== undefined && (lost.claim.looked || lost.bodyBytes > LARGE_BODY_BYTES);

/** A batch without its body. */
function headerOf(batch: Batch): Batch {
  const { body: _body, ...header } = batch as Batch & { readonly body?: Uint8Array };
  return header as Batch;
}
