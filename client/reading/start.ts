import { durationMs } from '../../local/duration.ts';
import { usage } from '../failure.ts';

/** Where reading starts, for shards that nothing else is known of. */
export type Start =
  | { readonly type: 'TRIM_HORIZON' | 'LATEST' }
  /** Records that arrived from this time on. */
  | { readonly type: 'AT_TIMESTAMP'; readonly timestamp: Date };

/**
 * Reads `--since`: `TRIM_HORIZON`, `LATEST`, a time such as 2026-11-25T10:00Z, or how long ago, such as 10m.
 * @throws Failure for anything else
 */
export function parseSince(text: string, nowMs: number = Date.now()): Start {
  const word = text.toUpperCase();
  if (word === 'TRIM_HORIZON' || word === 'LATEST') {
    return { type: word };
  }
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(Date.parse(text))) {
    return { type: 'AT_TIMESTAMP', timestamp: new Date(text) };
  }
  try {
    return { type: 'AT_TIMESTAMP', timestamp: new Date(nowMs - durationMs(text)) };
  } catch {
    throw usage(
      `--since must be TRIM_HORIZON, LATEST, a time such as 2026-11-25T10:00Z or a duration such as 10m, not '${text}'`,
    );
  }
}
