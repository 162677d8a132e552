import type { Limits } from '../model/limits.ts';
import type { ReservationRequest, SecondCounts, Tail } from '../store/tail-item.ts';

/** What a process last saw of a tail. */
export type SeenTail = SecondCounts & Pick<Tail, 'reservedMs'>;

/** Which of some records a shard's limits admit, and the reservation that makes sure of it. */
export interface Admission {
  /** Indexes into the records, ascending. Empty: all are over the limit. */
  readonly admitted: readonly number[];
  readonly request: ReservationRequest;
}

/** A second this far ahead of the writer's clock was begun by a clock that is wrong: it does not hold anyone up. */
const SECONDS_AHEAD = 2;

/**
 * Decides which records fit into the current second: in request order, each that fits. A record larger than a second's
 * bytes is let in while anything is left of the second, and the following seconds pay for it.
 * The counts may be out of date: the reservation's condition is what decides, this only picks its form.
 * @param sizes data + partition key bytes of each record
 * @param seen  what was last known of the shard's tail
 */
export function planAdmission(
  sizes: readonly number[],
  seen: SeenTail,
  nowMs: number,
  limits: Pick<Limits, 'throttling' | 'shardRecordsPerSecond' | 'shardBytesPerSecond'>,
): Admission {
  const maxRecords = limits.throttling ? limits.shardRecordsPerSecond : Number.MAX_SAFE_INTEGER;
  const maxBytes = limits.throttling ? limits.shardBytesPerSecond : Number.MAX_SAFE_INTEGER;
  const start = secondStart(seen, nowMs, maxBytes);
  let { records, bytes } = start;
  let large = 0;
  const admitted: number[] = [];
  sizes.forEach((size, index) => {
    const isLarge = size > maxBytes;
    if (records < maxRecords && (isLarge ? bytes < maxBytes : bytes + size <= maxBytes)) {
      admitted.push(index);
      records += 1;
      bytes += size;
      large += isLarge ? size : 0;
    }
  });
  const added = { records: records - start.records, bytes: bytes - start.bytes };
  // A large record needs only something to be left of the second when its turn comes.
  const atMostBytes = large > 0 ? maxBytes - 1 - (added.bytes - large) : maxBytes - added.bytes;
  const most = { atMostRecords: maxRecords - added.records, atMostBytes };
  return {
    admitted,
    request: { ...reservationTimes(seen, nowMs), ...added, admission: admissionOf(start, seen, most, maxBytes) },
  };
}

/** A reservation that counts nothing: for records that an earlier reservation has counted already. */
export function uncounted(seen: SeenTail, nowMs: number): ReservationRequest {
  return { ...reservationTimes(seen, nowMs), records: 0, bytes: 0, admission: { form: 'uncounted' } };
}

/** Reservations are told in the order of their times even where clocks differ; seconds are counted by the own clock. */
function reservationTimes(seen: SeenTail, nowMs: number): Pick<ReservationRequest, 'reservedMs' | 'second'> {
  return { reservedMs: Math.max(nowMs, seen.reservedMs), second: Math.floor(nowMs / 1000) };
}

interface SecondStart {
  readonly form: 'same second' | 'new second' | 'replace';
  readonly records: number;
  readonly bytes: number;
}

function secondStart(seen: SecondCounts, nowMs: number, maxBytes: number): SecondStart {
  const elapsed = Math.floor(nowMs / 1000) - seen.countedSecond;
  if (elapsed < -SECONDS_AHEAD) {
    return { form: 'replace', records: 0, bytes: 0 };
  }
  if (elapsed <= 0) {
    return { form: 'same second', records: seen.secondRecords, bytes: seen.secondBytes };
  }
  const debt = Math.max(0, seen.secondBytes - maxBytes * elapsed);
  return seen.secondBytes > maxBytes
    ? { form: 'replace', records: 0, bytes: debt }
    : { form: 'new second', records: 0, bytes: 0 };
}

function admissionOf(
  start: SecondStart,
  seen: SecondCounts,
  most: { readonly atMostRecords: number; readonly atMostBytes: number },
  maxBytes: number,
): ReservationRequest['admission'] {
  switch (start.form) {
    case 'same second':
      return { form: 'same second', ...most };
    case 'new second':
      return { form: 'new second', atMostBytes: maxBytes };
    case 'replace':
      return { form: 'replace', seen, carriedBytes: start.bytes };
  }
}
