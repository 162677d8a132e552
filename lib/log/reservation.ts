import { countsAfter } from '../store/second-counts.ts';
import { type PositionRequest, type ReservationRequest, type Tail, takenPosition } from '../store/tail-item.ts';
import type { Admission } from './admission.ts';
import type { Claim, ClaimTerms } from './claim.ts';
import { type ClaimMethod, seenBy } from './claim-methods.ts';
import { earliestMs, LEAP, lastClaimMs, reservationMs } from './protocol.ts';

/** A writer that has been alone for this time begins a chain. */
const ALONE_MS = 5_000;

/**
 * RESERVE: the update of the tail that a claim needs (docs/glossary.md).
 * @param beginsChains whether this process begins chains
 * @param nowMs        the time of the claim, epoch ms
 */
export function reservationRequest(
  method: ClaimMethod,
  { request, notBeforeMs }: Admission,
  beginsChains: boolean,
  nowMs: number,
): ReservationRequest {
  const reservedMs = reservationMs(notBeforeMs);
  if (method.kind === 'reserve') {
    return { take: nextPosition(method, beginsChains, nowMs), reservedMs, admission: request };
  }
  const counts = countsAfter(request, seenBy(method));
  return { take: positionAboveChain(method, nowMs), reservedMs, admission: { form: 'known', counts } };
}

function nextPosition(
  { expected, aloneSinceMs }: ClaimMethod & { readonly kind: 'reserve' },
  beginsChains: boolean,
  nowMs: number,
): PositionRequest {
  const isAlone = nowMs - aloneSinceMs >= ALONE_MS;
  return beginsChains && isAlone && expected !== undefined ? { kind: 'head', expected } : { kind: 'next' };
}

/** The position above a chain that has ended or must not grow any more, or above such a chain's head. */
function positionAboveChain(method: ClaimMethod, nowMs: number): PositionRequest {
  if (method.kind === 'guess') {
    return { kind: 'renewal', position: method.newest.position + 1 };
  }
  if (method.kind === 'end of chain') {
    return { kind: 'end of chain', position: method.newest.position + 1 };
  }
  const { leap, restedMs } = method as ClaimMethod & { readonly kind: 'new head' };
  return { kind: 'new head', distance: leap ? LEAP : 0, restedSinceMs: nowMs - restedMs };
}

/** The claim that a successful reservation makes. @param old the tail before the update */
export function reservedClaim(
  method: ClaimMethod,
  { admitted }: Admission,
  { take, reservedMs, admission }: ReservationRequest,
  old: Tail,
  { claimed, isLast }: ClaimTerms,
): Claim {
  const chained = take.kind === 'head' || take.kind === 'renewal' || take.kind === 'new head';
  const newestMs = 'newest' in method ? method.newest.arrivalMs : 0;
  return {
    position: takenPosition(take, old),
    admitted,
    claimed,
    arrivalMs: Math.max(claimed.wallMs, earliestMs(old.reservedMs), newestMs),
    beforeMs: Math.max(newestMs, lastClaimMs(old, claimed.wallMs)),
    counts: countsAfter(admission, old),
    chained,
    looked: true,
    ...(chained && !isLast && { headMs: reservedMs }),
  };
}
