import type { Batch } from '../store/batch-item.ts';
import { CHAIN_LIFE_MS, FILL_AFTER_MS, FUTURE_TOLERANCE_MS, LEAP, SKIP_AFTER_MS } from './protocol.ts';

/**
 * What a reader does about missing positions:
 * `skip` them; `fill-first` and then skip the rest; `fill` them and then read again; or `wait`, answering what comes
 * before.
 */
export type GapAction = 'skip' | 'fill-first' | 'fill' | 'wait';

/** Missing positions. */
export interface Gap {
  readonly from: number;
  /** The batch after them. */
  readonly found: Batch;
}

/**
 * The readers' rule (docs/log.md#readers).
 * @param gap       where it begins, and the batch after it: no position of the gap was claimed later than its `beforeMs`
 * @param lookedMs  the reader's clock before it looked, epoch ms: what it saw may have changed since
 * @param horizonMs what arrived before is not read any more, epoch ms
 */
export function gapAction({ from, found }: Gap, lookedMs: number, horizonMs: number): GapAction {
  const ageMs = lookedMs - found.beforeMs;
  // Nobody ever comes to the end of a leap by filling it; it is passed in time.
  const isLeap = found.position - from > LEAP / 2;
  const isDue = !isLeap && (ageMs > FILL_AFTER_MS || ageMs < -FUTURE_TOLERANCE_MS);
  if (found.kind === 'seal' && found.ahead && ageMs <= CHAIN_LIFE_MS + SKIP_AFTER_MS) {
    // As long as a chain lives, it may take one position after the other.
    return isDue ? 'fill' : 'wait';
  }
  if (ageMs > SKIP_AFTER_MS) {
    return found.beforeMs < horizonMs ? 'skip' : 'fill-first';
  }
  return isDue ? 'fill' : 'wait';
}
