import type { Batch } from '../store/batch-item.ts';
import { CHAIN_LIFE_MS, FILL_AFTER_MS, SKIP_AFTER_MS } from './protocol.ts';

/**
 * What a reader does about missing positions:
 * `skip` them; `fill-first` and then skip the rest; `fill` them and then read again; or `wait`, answering what comes
 * before.
 */
export type GapAction = 'skip' | 'fill-first' | 'fill' | 'wait';

/**
 * The readers' rule (docs/log.md#readers).
 * @param found the batch after the gap: no position of the gap was reserved later than its `beforeMs`
 * @param nowMs the reader's clock
 */
export function gapAction(found: Batch, nowMs: number, retentionMs: number): GapAction {
  const ageMs = nowMs - found.beforeMs;
  if (found.kind === 'seal' && found.ahead && ageMs <= CHAIN_LIFE_MS + SKIP_AFTER_MS) {
    // As long as a chain lives, it may take one position after the other.
    return ageMs > FILL_AFTER_MS ? 'fill' : 'wait';
  }
  if (ageMs > retentionMs && ageMs > SKIP_AFTER_MS) {
    return 'skip';
  }
  if (ageMs > SKIP_AFTER_MS) {
    return 'fill-first';
  }
  return ageMs > FILL_AFTER_MS ? 'fill' : 'wait';
}
