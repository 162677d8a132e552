import { FILL_AFTER_MS, MAX_FILLED_POSITIONS, SKIP_AFTER_MS } from './protocol.ts';

/** Missing positions in a log: those from `from` up to, and without, `to`, where a batch was found. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** No position of the gap was reserved later than this: the `beforeMs` of the batch at `to`. */
  readonly beforeMs: number;
}

/**
 * What a reader does about a gap:
 * `skip` it; `fill-first` and then skip it; `fill-all` and then read it again; or `wait`, answering what comes before.
 */
export type GapAction = 'skip' | 'fill-first' | 'fill-all' | 'wait';

/**
 * The readers' rule (docs/log.md#readers).
 * @param nowMs the reader's clock
 */
export function gapAction(gap: Gap, nowMs: number, retentionMs: number): GapAction {
  const ageMs = nowMs - gap.beforeMs;
  if (ageMs > retentionMs && ageMs > SKIP_AFTER_MS) {
    return 'skip';
  }
  if (ageMs > SKIP_AFTER_MS) {
    return 'fill-first';
  }
  return ageMs > FILL_AFTER_MS && gap.to - gap.from <= MAX_FILLED_POSITIONS ? 'fill-all' : 'wait';
}
