import type { Batch } from '../store/batch-item.ts';
import type { Tail } from '../store/tail-item.ts';

/**
 * The times of the log protocol (docs/log.md). Writers and readers have to agree on them: the readers' rules are safe
 * only because of what writers promise.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A writer acknowledges only what was confirmed within this time of its claim. */
export const ACK_DEADLINE_MS = 10_000;

/** A writer that has not won a position within this time of its beginning gives up. */
export const CLAIM_DEADLINE_MS = 10_000;

/**
 * What a process has read of a stream's settings is good for so long, the acknowledgement included: for five seconds it is
 * remembered, for five an append may wait for its turn, and then there is the deadline of an acknowledgement. What takes longer,
 * since its first claims were lost, is not acknowledged.
 */
export const SETTINGS_LIFE_MS = 20_000;

/** What the clocks of processes may differ by without harm. */
export const CLOCK_DIFFERENCE_MS = 50_000;

/** From then on after a change of a stream's settings nobody acknowledges anything by the old ones. */
export const SETTINGS_SETTLED_MS = SETTINGS_LIFE_MS + CLOCK_DIFFERENCE_MS;

/** From this age on a reader fills the positions of a gap: their writers are slow or gone. */
export const FILL_AFTER_MS = 1_000;

/**
 * A gap that looks as if it lay so far in the future was stamped by a clock that is wrong: its age cannot be told, and it is
 * filled, which is safe at any age.
 */
export const FUTURE_TOLERANCE_MS = 2_000;

/** Positions that a reader fills before it reads again. */
export const FILLS_AT_ONCE = 64;

/**
 * From this age on a reader passes a gap once its first position is filled: every claim in it is past its deadline, even if
 * clocks differ by far more than they should. Younger gaps are filled position by position.
 */
export const SKIP_AFTER_MS = HOUR_MS;

/** How much earlier than asked for a search by time begins: arrival times only all but ascend. */
export const CLOCK_MARGIN_MS = 2_000;

/**
 * How much longer than its retention a batch is kept. After an increase of the retention period this is the time in which the
 * expiry of what is oldest has to be moved.
 */
export const TTL_MARGIN_MS = HOUR_MS;

/** How much longer than its batch a chunk is kept: a batch that is claimed anew with the same body arrives later. */
export const CHUNK_MARGIN_MS = HOUR_MS;

/** No stream's retention period is shorter. What must not expire too early relies on it. */
export const MIN_RETENTION_MS = DAY_MS;

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

/**
 * When a batch that arrived at a time may be removed, epoch seconds. It is kept for whole days, so that increases of a
 * retention period by some hours need not move the expiry of what is stored again and again.
 */
export function expirySeconds(arrivalMs: number, retentionMs: number): number {
  const keptMs = Math.ceil(retentionMs / DAY_MS) * DAY_MS + TTL_MARGIN_MS;
  return Math.ceil((arrivalMs + keptMs) / 1000);
}

/** When the chunks of such a batch may be removed, epoch seconds. */
export const chunkExpirySeconds = (arrivalMs: number, retentionMs: number): number =>
  expirySeconds(arrivalMs + CHUNK_MARGIN_MS, retentionMs);

/** From this age of a batch on its chunks may have expired, in any order and before it. */
export const CHUNKS_KEPT_MS = MIN_RETENTION_MS + TTL_MARGIN_MS;

/** How long after the reservation of its head a chain may grow. */
export const CHAIN_LIFE_MS = HOUR_MS;

/**
 * From this age of its head on, what stands above it may have expired, and its end can no longer be told from the log: the
 * next head stands LEAP above it. Retention periods are a day at least.
 */
export const CHAIN_FORGOTTEN_MS = 12 * HOUR_MS;

/** The same where nothing of the chain is to be seen, its head neither: perhaps it was never put. */
export const UNSEEN_HEAD_FORGOTTEN_MS = CHAIN_LIFE_MS + SKIP_AFTER_MS;

/**
 * More positions than a chain can come to within its life, even by clocks that are hours off: a partition takes 1,000 writes a
 * second, which are 3.6 million in an hour.
 */
export const LEAP = 2 ** 26;

/**
 * Whether what a chain came to may have expired, so that its end cannot be told from the log any more.
 * @param newest what is to be seen of the log
 */
export function isForgotten(
  { claims, reservedMs, nextPosition }: Pick<Tail, 'claims' | 'reservedMs' | 'nextPosition'>,
  newest: Pick<Batch, 'position'> | undefined,
  nowMs: number,
): boolean {
  const isHeadSeen = (newest?.position ?? 0) >= nextPosition - 1;
  return claims === 'GUESS' && nowMs - reservedMs > (isHeadSeen ? CHAIN_FORGOTTEN_MS : UNSEEN_HEAD_FORGOTTEN_MS);
}
