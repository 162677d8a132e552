import type { Batch } from '../store/batch-item.ts';
import type { Tail } from '../store/tail-item.ts';

/**
 * The times of the log protocol (docs/log.md). Writers and readers have to agree on them: the rules of readers are safe
 * only because writers keep theirs.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A writer acknowledges only puts that were confirmed within this time of their claim. */
export const ACK_DEADLINE_MS = 10_000;

/** A writer gives up if it has not won a position within this time of the append's begin. */
export const CLAIM_DEADLINE_MS = 10_000;

/**
 * How long a process may use the settings of a stream that it has read, the acknowledgement included: they are cached for five
 * seconds, an append may wait for five, and an acknowledgement has a deadline of ten. An append that takes longer,
 * because its first claims were lost, is not acknowledged.
 */
export const SETTINGS_LIFE_MS = 20_000;

/** How far the clocks of processes may differ without harm. */
export const CLOCK_DIFFERENCE_MS = 50_000;

/** This long after a change of a stream's settings, nobody acknowledges anything with the old settings. */
export const SETTINGS_SETTLED_MS = SETTINGS_LIFE_MS + CLOCK_DIFFERENCE_MS;

/** From this age on, a reader fills the positions of a gap: their writers are slow or dead. */
export const FILL_AFTER_MS = 1_000;

/**
 * A gap that seems to be further in the future than this was dated by a wrong clock. Its age is unknown, so it is filled,
 * which is safe at any age.
 */
export const FUTURE_TOLERANCE_MS = 2_000;

/** The positions that a reader fills before it reads again. */
export const FILLS_AT_ONCE = 64;

/**
 * From this age on, a reader passes a gap once its first position is filled. Every claim in it is past its deadline, even if
 * clocks differ far more than they should. Younger gaps are filled position by position.
 */
export const PASS_AFTER_MS = HOUR_MS;

/** How much earlier than requested a search by time begins: arrival times ascend almost always, but not strictly. */
export const CLOCK_MARGIN_MS = 2_000;

/**
 * How much longer than its retention period a batch is kept. After an increase of the retention period, the expiry of the
 * oldest batches has to be moved within this time.
 */
export const TTL_MARGIN_MS = HOUR_MS;

/** How much longer than its batch a body apart is kept: a batch that is claimed again with the same body arrives later. */
export const BODY_MARGIN_MS = HOUR_MS;

/** No retention period is shorter. Everything that must not expire too early relies on it. */
export const MIN_RETENTION_MS = DAY_MS;

/**
 * The last time at which a position below the tail's next one, or in the chain above it, can have been claimed, epoch ms.
 * @param tail as it was before the claim, or is now that it is closed
 */
export function lastClaimMs({ claims, reservedMs }: Pick<Tail, 'claims' | 'reservedMs'>, nowMs: number): number {
  return claims === 'GUESS' ? Math.max(reservedMs, Math.min(nowMs, reservedMs + CHAIN_LIFE_MS)) : reservedMs;
}

/**
 * Reservations are dated with the end of such a span. So reservations that overtake each other on the network do not seem to
 * go back in time, and are not refused. Spans end within their second.
 */
const RESERVATION_SPAN_MS = 250;

/** The time that dates a reservation, epoch ms: less than a span after the claim. */
export const reservationMs = (claimedMs: number): number =>
  (Math.floor(claimedMs / RESERVATION_SPAN_MS) + 1) * RESERVATION_SPAN_MS - 1;

/** The earliest time at which a reservation with this date was made, epoch ms. */
export const earliestMs = (reservedMs: number): number => reservedMs - RESERVATION_SPAN_MS + 1;

/**
 * When a batch that arrived at a time may be removed, epoch seconds. It is kept for whole days. So increases of the
 * retention period by some hours do not have to move the expiry of stored items each time.
 */
export function expirySeconds(arrivalMs: number, retentionMs: number): number {
  const keptMs = Math.ceil(retentionMs / DAY_MS) * DAY_MS + TTL_MARGIN_MS;
  return Math.ceil((arrivalMs + keptMs) / 1000);
}

/** When the chunks, or the object, with the body of such a batch may be removed, epoch seconds. */
export const bodyExpirySeconds = (arrivalMs: number, retentionMs: number): number =>
  expirySeconds(arrivalMs + BODY_MARGIN_MS, retentionMs);

/** From this age of a batch on, its chunks may have expired, in any order and before the batch. */
export const CHUNKS_KEPT_MS = MIN_RETENTION_MS + TTL_MARGIN_MS;

/** How long after the reservation of its head a chain may grow. */
export const CHAIN_LIFE_MS = HOUR_MS;

/**
 * From this age of its head on, a chain may have expired in part, and the log no longer shows its end. The next head stands
 * LEAP above it. Retention periods are at least a day.
 */
export const CHAIN_FORGOTTEN_MS = 12 * HOUR_MS;

/** The same if nothing of the chain is visible, not even its head: the head may never have been put. */
export const UNSEEN_HEAD_FORGOTTEN_MS = CHAIN_LIFE_MS + PASS_AFTER_MS;

/**
 * More positions than a chain can have in its life, even if clocks are hours off: a partition accepts 1,000 writes a second,
 * which are 3.6 million in an hour.
 */
export const LEAP = 2 ** 26;

/** The time from which adoptions count, epoch ms: 2020, before the first log. */
const ADOPTIONS_SINCE_MS = 1_577_836_800_000;

/**
 * The positions that stand for a ms. A log gives out ten at most: a write each ms, and a LEAP in two hours. Two hundred years of a
 * thousand are less than 2^53.
 */
const POSITIONS_PER_MS = 1_000;

/**
 * The position from which a log goes on whose tables are adopted at a time. It is above every position that was given out before, also
 * in a future that a restore has lost, and also after an earlier adoption in it.
 */
export const positionAtAdoption = (nowMs: number): number => (nowMs - ADOPTIONS_SINCE_MS) * POSITIONS_PER_MS;

/**
 * Whether a chain may have expired in part, so that the log no longer shows its end.
 * @param newest the newest visible batch of the log
 */
export function isForgotten(
  { claims, reservedMs, nextPosition }: Pick<Tail, 'claims' | 'reservedMs' | 'nextPosition'>,
  newest: Pick<Batch, 'position'> | undefined,
  nowMs: number,
): boolean {
  const isHeadSeen = (newest?.position ?? 0) >= nextPosition - 1;
  return claims === 'GUESS' && nowMs - reservedMs > (isHeadSeen ? CHAIN_FORGOTTEN_MS : UNSEEN_HEAD_FORGOTTEN_MS);
}
