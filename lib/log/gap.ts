import { FILL_AFTER_MS, SKIP_AFTER_MS } from './protocol.ts';

/**
 * What a reader does about missing positions:
 * `skip` them; `fill-first` and then skip the rest; `fill` them and then read again; or `wait`, answering what comes
 * before.
 */
export type GapAction = 'skip' | 'fill-first' | 'fill' | 'wait';

/**
 * The readers' rule (docs/log.md#readers).
 * @param beforeMs of the batch that was found after the gap: no position of the gap was reserved later
 * @param nowMs    the reader's clock
 */
export function gapAction(beforeMs: number, nowMs: number, retentionMs: number): GapAction {
  const ageMs = nowMs - beforeMs;
  if (ageMs > retentionMs && ageMs > SKIP_AFTER_MS) {
    return 'skip';
  }
  if (ageMs > SKIP_AFTER_MS) {
    return 'fill-first';
  }
  return ageMs > FILL_AFTER_MS ? 'fill' : 'wait';
}
