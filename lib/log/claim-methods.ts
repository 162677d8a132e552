import { FIRST_POSITION } from '../model/position.ts';
import type { Moment } from '../runtime/stopwatch.ts';
import type { Batch } from '../store/batch-item.ts';
import type { Tail } from '../store/tail-item.ts';
import type { SeenCounts } from './admission.ts';
import { CHAIN_FORGOTTEN_MS, CHAIN_LIFE_MS, isForgotten, UNSEEN_HEAD_FORGOTTEN_MS } from './protocol.ts';

/** How a writer makes its next claim (docs/glossary.md). */
export type ClaimMethod =
  /** A guess above the newest link of a chain. */
  | { readonly kind: 'guess'; readonly newest: Batch; readonly notBeforeMs: number }
  /** A claim of the head of a chain, which nobody has put yet. */
  | {
      readonly kind: 'take head';
      readonly tail: Tail;
      /** Taken before the tail was read: the tail may have closed since. */
      readonly asked: Moment;
    }
  /** A reservation. Nobody else has reserved since `aloneSinceMs`, if the next position is still the expected one. */
  | {
      readonly kind: 'reserve';
      readonly seen: SeenCounts;
      readonly expected: number | undefined;
      readonly aloneSinceMs: number;
    }
  /** A reservation above the last link of a chain. */
  | { readonly kind: 'end of chain'; readonly newest: Batch; readonly notBeforeMs: number }
  /**
   * A reservation of a new head, above a head whose life is over. It leaps if more may stand above that head than is visible.
   * Its condition is that the old head was reserved more than `restedMs` ago.
   */
  | { readonly kind: 'new head'; readonly seen: SeenCounts; readonly leap: boolean; readonly restedMs: number };

/** The tail that refused a reservation, and when the reservation was sent. */
export interface Refusal {
  readonly refusedBy: Tail | undefined;
  readonly asked: Moment;
}

/** The counts of a shard that nobody has looked at yet. */
export const UNSEEN: SeenCounts = { countedSecond: 0, secondRecords: 0, secondBytes: 0, reservedMs: 0 };

/** For a log without visible batches: perhaps nothing has ever been put. */
const FROM_THE_START: ClaimMethod = {
  kind: 'reserve',
  seen: UNSEEN,
  expected: FIRST_POSITION,
  aloneSinceMs: Number.NEGATIVE_INFINITY,
};

/**
 * If the log no longer shows the end of a chain, at the time of the claim, the next head leaps: the batch that was the newest
 * when it was read may have expired since.
 */
export function unlessForgotten(method: ClaimMethod, { wallMs }: Moment): ClaimMethod {
  const isOver = method.kind === 'guess' && wallMs - (method.newest.headMs ?? wallMs) > CHAIN_FORGOTTEN_MS;
  return isOver ? { kind: 'new head', seen: seenBy(method), leap: true, restedMs: CHAIN_FORGOTTEN_MS } : method;
}

/** How to claim a position above the newest batch. */
export function methodAbove(newest: Batch | undefined): ClaimMethod | 'closed' {
  if (newest === undefined) {
    return FROM_THE_START;
  }
  if (newest.kind === 'seal') {
    return 'closed';
  }
  const seen = seenAbove(newest, newest.arrivalMs);
  if (newest.headMs === undefined) {
    return { kind: 'reserve', seen, expected: newest.position + 1, aloneSinceMs: newest.arrivalMs };
  }
  return { kind: 'guess', newest, notBeforeMs: newest.arrivalMs };
}

/**
 * How to continue after the tail has refused a reservation.
 * @param refusal  the tail that refused, and when it was asked
 * @param looked   what was read of the newest batch; undefined: nothing
 * @param nowMs    epoch ms
 * @returns undefined: by another look at the newest batch
 */
export function methodAfterRefusal(
  method: ClaimMethod,
  { refusedBy: tail, asked }: Refusal,
  looked: { readonly newest: Batch | undefined } | undefined,
  nowMs: number,
): ClaimMethod | 'closed' | undefined {
  if (tail?.shardState !== 'OPEN') {
    return 'closed';
  }
  if (tail.claims === 'RESERVE') {
    const isExpected = method.kind === 'reserve' && method.expected === tail.nextPosition;
    return {
      kind: 'reserve',
      seen: tail,
      expected: tail.nextPosition,
      aloneSinceMs: isExpected ? method.aloneSinceMs : tail.reservedMs,
    };
  }
  return nowMs - tail.reservedMs > CHAIN_FORGOTTEN_MS
    ? { kind: 'new head', seen: tail, leap: true, restedMs: CHAIN_FORGOTTEN_MS }
    : looked && methodInChain(tail, looked.newest, asked);
}

/**
 * How to continue when the tail says that positions are guessed.
 * @param newest the newest batch, read before the tail
 */
function methodInChain(tail: Tail, newest: Batch | undefined, asked: Moment): ClaimMethod | 'closed' {
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

/** Since when nobody else has reserved, as far as the writer knows, epoch ms. */
export function aloneSince(
  method: ClaimMethod,
  position: number,
  { beforeMs, nowMs }: { beforeMs: number; nowMs: number },
): number {
  if (method.kind === 'end of chain') {
    // Another writer was there just now, or the chain would not have ended.
    return nowMs;
  }
  return method.kind === 'reserve' && method.expected === position ? method.aloneSinceMs : beforeMs;
}

/** The counts, and the date of the last claim, that a method builds on. */
export function seenBy(method: ClaimMethod): SeenCounts {
  switch (method.kind) {
    case 'guess':
    case 'end of chain':
      return seenAbove(method.newest, method.notBeforeMs);
    case 'take head':
      return method.tail;
    case 'reserve':
    case 'new head':
      return method.seen;
  }
}

/** The counts below the batch that comes next. */
export const seenAbove = ({ countedSecond, secondRecords, secondBytes }: Batch, reservedMs: number): SeenCounts => ({
  countedSecond,
  secondRecords,
  secondBytes,
  reservedMs,
});
