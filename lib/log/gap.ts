import type { Batch } from '../store/batch-item.ts';
import { CHAIN_LIFE_MS, FILL_AFTER_MS, FUTURE_TOLERANCE_MS, LEAP, PASS_AFTER_MS } from './protocol.ts';

/**
 * What a reader does about a gap: `pass` it; `fill-first`: fill its first position, then pass the rest; `fill` it and read again; or `wait`, and
 * return what comes before it.
 */
export type GapAction = 'pass' | 'fill-first' | 'fill' | 'wait';

/** Missing positions (docs/glossary.md). */
export interface Gap {
  readonly from: number;
  /** The batch after them. */
  readonly found: Batch;
}

/**
 * The rule of readers (docs/log.md#readers).
 * @param gap       its first position, and the batch after it. No position of the gap was claimed later than its `beforeMs`
 * @param lookedMs  the reader's clock before the read, epoch ms. The log may have changed since
 * @param horizonMs records that arrived earlier have expired, epoch ms
 */
export function gapAction({ from, found }: Gap, lookedMs: number, horizonMs: number): GapAction {
  const ageMs = lookedMs - found.beforeMs;
  // A leap is too long to be filled. It is passed in time.
  const isLeap = found.position - from > LEAP / 2;
  const isDue = !isLeap && (ageMs > FILL_AFTER_MS || ageMs < -FUTURE_TOLERANCE_MS);
  if (found.kind === 'seal' && found.ahead && ageMs <= CHAIN_LIFE_MS + PASS_AFTER_MS) {
    // While a chain lives, it may take one position after the other.
    return isDue ? 'fill' : 'wait';
  }
  if (ageMs > PASS_AFTER_MS) {
    return found.beforeMs < horizonMs ? 'pass' : 'fill-first';
  }
  return isDue ? 'fill' : 'wait';
}
