import type { Tail } from '../store/tail-item.ts';

/**
 * The times of the log protocol (docs/log.md). Writers and readers have to agree on them: the readers' rules are safe
 * only because of what writers promise.
 */

/** A writer acknowledges only what was confirmed within this time of its claim. */
export const ACK_DEADLINE_MS = 10_000;

/** From this age on a reader fills the positions of a gap: their writers are slow or gone. */
export const FILL_AFTER_MS = 1_000;

/** Positions that a reader fills before it reads again. */
export const FILLS_AT_ONCE = 64;

/**
 * From this age on a reader passes a gap once its first position is filled: every reservation in it is past its
 * deadline. The distance to the deadline is what clocks may differ by.
 */
export const SKIP_AFTER_MS = 60_000;

/** How much earlier than asked for a search by time begins: fills and seals carry the clock of others than the writers. */
export const CLOCK_MARGIN_MS = 2_000;

/** How much longer than its retention a batch is kept. */
export const TTL_MARGIN_SECONDS = 3_600;

/**
 * When a position below the tail's next one, or in the chain above it, can have been claimed last, epoch ms.
 * @param tail as it was before the claim, or is now that it is closed
 */
export function lastClaimMs({ claims, reservedMs }: Pick<Tail, 'claims' | 'reservedMs'>, nowMs: number): number {
  return claims === 'GUESS' ? Math.max(reservedMs, Math.min(nowMs, reservedMs + CHAIN_LIFE_MS)) : reservedMs;
}

/**
 * Times of reservations are told as the ends of such spans, so that reservations which overtake one another on their way do
 * not look as if time went back, and are not refused for it. Spans end within their second.
 */
const RESERVATION_SPAN_MS = 250;

/** When a reservation is told to have been made, epoch ms: by less than a span later than it was. */
export const reservationMs = (claimedMs: number): number =>
  (Math.floor(claimedMs / RESERVATION_SPAN_MS) + 1) * RESERVATION_SPAN_MS - 1;

/** When a reservation that was told with a time was made at the earliest, epoch ms. */
export const earliestMs = (reservedMs: number): number => reservedMs - RESERVATION_SPAN_MS + 1;

/** When a batch that arrived at a time may be removed, epoch seconds. */
export function expirySeconds(arrivalMs: number, retentionMs: number): number {
  return Math.ceil((arrivalMs + retentionMs) / 1000) + TTL_MARGIN_SECONDS;
}

/** How long after the reservation of its head a chain may grow. */
export const CHAIN_LIFE_MS = 3_600_000;

/**
 * From this age of its head on, what stands above it may have expired, and its end can no longer be told from the log: the
 * next head stands LEAP above it. Retention periods are 24 hours at least.
 */
export const CHAIN_FORGOTTEN_MS = 12 * 3_600_000;

/** More positions than a chain can come to within its life: a partition takes 1,000 writes a second, 3.6 million in an hour. */
export const LEAP = 2 ** 24;
