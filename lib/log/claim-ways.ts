import { FIRST_POSITION } from '../model/position.ts';
import type { Moment } from '../runtime/stopwatch.ts';
import type { Batch } from '../store/batch-item.ts';
import type { Tail } from '../store/tail-item.ts';
import type { SeenCounts } from './admission.ts';
import { CHAIN_FORGOTTEN_MS, CHAIN_LIFE_MS, isForgotten, UNSEEN_HEAD_FORGOTTEN_MS } from './protocol.ts';

/** What the next claim goes by. */
export type Way =
  /** Above the newest link of a chain. */
  | { readonly kind: 'guess'; readonly newest: Batch; readonly notBeforeMs: number }
  /** At the head of a chain that no one has written yet. */
  | {
      readonly kind: 'take head';
      readonly tail: Tail;
      /** Before the tail was asked: since then it may have closed. */
      readonly asked: Moment;
    }
  /** By the tail. No one else has reserved since `aloneSinceMs`, if the next position is still the expected one. */
  | {
      readonly kind: 'reserve';
      readonly seen: SeenCounts;
      readonly expected: number | undefined;
      readonly aloneSinceMs: number;
    }
  /** By the tail, above the last link of a chain. */
  | { readonly kind: 'end of chain'; readonly newest: Batch; readonly notBeforeMs: number }
  /**
   * By the tail, above a head whose time is over: by a leap where more may stand above it than can be seen. Only if that head
   * was reserved `restedMs` ago at least.
   */
  | { readonly kind: 'new head'; readonly seen: SeenCounts; readonly leap: boolean; readonly restedMs: number };

/** Before anything was seen of a shard. */
export const UNSEEN: SeenCounts = { countedSecond: 0, secondRecords: 0, secondBytes: 0, reservedMs: 0 };

/** What stands above a log without batches that can be seen: perhaps nothing has ever been put. */
export const FROM_THE_START: Way = {
  kind: 'reserve',
  seen: UNSEEN,
  expected: FIRST_POSITION,
  aloneSinceMs: Number.NEGATIVE_INFINITY,
};

/**
 * How to go on where the tail tells that positions are guessed.
 * @param newest as it was read before the tail
 */
export function wayInChain(tail: Tail, newest: Batch | undefined, asked: Moment): Way | 'closed' {
  if (newest?.kind === 'seal') {
    return 'closed';
  }
  if (newest === undefined || newest.position < tail.nextPosition - 1) {
    if (asked.wallMs - tail.reservedMs <= CHAIN_LIFE_MS) {
      return { kind: 'take head', tail, asked };
    }
    const leap = isForgotten(tail, newest, asked.wallMs);
    return { kind: 'new head', seen: tail, leap, restedMs: leap ? UNSEEN_HEAD_FORGOTTEN_MS : CHAIN_LIFE_MS };
  }
  const notBeforeMs = Math.max(newest.arrivalMs, tail.reservedMs);
  return { kind: newest.headMs === undefined ? 'end of chain' : 'guess', newest, notBeforeMs };
}

/**
 * Above a chain whose end cannot be told from the log any more, by the time of the claim, the next head leaps: what was newest when it
 * was looked at may have expired since.
 */
export function unlessForgotten(way: Way, { wallMs }: Moment): Way {
  const isForgotten = way.kind === 'guess' && wallMs - (way.newest.headMs ?? wallMs) > CHAIN_FORGOTTEN_MS;
  return isForgotten ? { kind: 'new head', seen: seenBy(way), leap: true, restedMs: CHAIN_FORGOTTEN_MS } : way;
}

/** Since when nobody else has reserved, as far as the writer of a reservation knows, epoch ms. */
export function aloneSince(
  way: Way,
  position: number,
  { beforeMs, nowMs }: { beforeMs: number; nowMs: number },
): number {
  if (way.kind === 'end of chain') {
    // Someone was there just now, or the chain would not have ended.
    return nowMs;
  }
  return way.kind === 'reserve' && way.expected === position ? way.aloneSinceMs : beforeMs;
}

/** The counts, and the time of the last claim, that a way goes by. */
export function seenBy(way: Way): SeenCounts {
  switch (way.kind) {
    case 'guess':
    case 'end of chain':
      return seenAbove(way.newest, way.notBeforeMs);
    case 'take head':
      return way.tail;
    case 'reserve':
    case 'new head':
      return way.seen;
  }
}

/** What a batch tells of the counts below the next one. */
export const seenAbove = ({ countedSecond, secondRecords, secondBytes }: Batch, reservedMs: number): SeenCounts => ({
  countedSecond,
  secondRecords,
  secondBytes,
  reservedMs,
});
