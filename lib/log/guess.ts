import { countsAfter } from '../store/second-counts.ts';
import type { Admission } from './admission.ts';
import type { Claim, ClaimTerms } from './claim.ts';
import type { ClaimMethod } from './claim-methods.ts';
import { CHAIN_LIFE_MS } from './protocol.ts';

/**
 * GUESS: claims a position of a chain, without a call (docs/log.md#claiming-a-position).
 * @returns undefined when the claim needs a reservation
 */
export function guess(
  method: ClaimMethod,
  plan: Admission,
  { claimed, looked, isLast }: ClaimTerms,
): Claim | undefined {
  const common = { admitted: plan.admitted, arrivalMs: plan.notBeforeMs, chained: true, looked };
  if (method.kind === 'take head') {
    const { nextPosition, reservedMs: headMs } = method.tail;
    return {
      ...common,
      claimed: method.asked,
      position: nextPosition - 1,
      beforeMs: headMs,
      counts: countsAfter(plan.request, method.tail),
      ...(!isLast && { headMs }),
    };
  }
  if (method.kind !== 'guess') {
    return undefined;
  }
  const { newest } = method;
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
