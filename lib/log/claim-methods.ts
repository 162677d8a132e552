import { FIRST_POSITION } from '../model/position.ts';
import type { Moment } from '../runtime/stopwatch.ts';
import type { Batch } from '../store/batch-item.ts';
import type { Tail } from '../store/tail-item.ts';
import type { SeenCounts } from './admission.ts';
import { CHAIN_FORGOTTEN_MS, CHAIN_LIFE_MS, isForgotten, UNSEEN_HEAD_FORGOTTEN_MS } from './protocol.ts';

/** What the next claim goes by. */
export type ClaimMethod =
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

/** The tail that refused a reservation, and when it was asked. */
export interface Refusal {
  readonly refusedBy: Tail | undefined;
  readonly asked: Moment;
}

/** Before anything was seen of a shard. */
export const UNSEEN: SeenCounts = { countedSecond: 0, secondRecords: 0, secondBytes: 0, reservedMs: 0 };

/** What stands above a log without batches that can be seen: perhaps nothing has ever been put. */
const FROM_THE_START: ClaimMethod = {
  kind: 'reserve',
  seen: UNSEEN,
  expected: FIRST_POSITION,
  aloneSinceMs: Number.NEGATIVE_INFINITY,
};

/**
 * Above a chain whose end cannot be told from the log any more, by the time of the claim, the next head leaps: what was newest when it
 * was looked at may have expired since.
 */
export function unlessForgotten(method: ClaimMethod, { wallMs }: Moment): ClaimMethod {
  const isForgotten = method.kind === 'guess' && wallMs - (method.newest.headMs ?? wallMs) > CHAIN_FORGOTTEN_MS;
  return isForgotten ? { kind: 'new head', seen: seenBy(method), leap: true, restedMs: CHAIN_FORGOTTEN_MS } : method;
}

/** Above the newest batch, as it was read. */
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
 * How to go on after the tail has refused a reservation.
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
 * How to go on where the tail tells that positions are guessed.
 * @param newest as it was read before the tail
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

/** Since when nobody else has reserved, as far as the writer of a reservation knows, epoch ms. */
export function aloneSince(
  method: ClaimMethod,
  position: number,
  { beforeMs, nowMs }: { beforeMs: number; nowMs: number },
): number {
  if (method.kind === 'end of chain') {
    // Someone was there just now, or the chain would not have ended.
    return nowMs;
  }
  return method.kind === 'reserve' && method.expected === position ? method.aloneSinceMs : beforeMs;
}

/** The counts, and the time of the last claim, that a method goes by. */
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

/** What a batch tells of the counts below the next one. */
export const seenAbove = ({ countedSecond, secondRecords, secondBytes }: Batch, reservedMs: number): SeenCounts => ({
  countedSecond,
  secondRecords,
  secondBytes,
  reservedMs,
});
