import type { Limits } from '../model/limits.ts';
import type { ReservationRequest, SecondCounts } from '../store/tail-item.ts';

/** Which of some records a shard's limits admit, and the reservation that makes sure of it. */
export interface Admission {
  /** Indexes into the records, ascending. Empty: all are over the limit. */
  readonly admitted: readonly number[];
  readonly request: ReservationRequest;
}

/**
 * Decides which records fit into the current second: in request order, each that fits. A record larger than a second's
 * bytes is let in while anything is left of the second, and the following seconds pay for it.
 * The counts may be out of date: the reservation's condition is what decides, this only picks its form.
 * @param sizes data + partition key bytes of each record
 * @param seen  what was last known of the shard's second
 */
export function planAdmission(
  sizes: readonly number[],
  seen: SecondCounts,
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
  const atMostRecords = maxRecords - added.records;
  // A large record needs only something to be left of the second when its turn comes.
  const atMostBytes = large > 0 ? maxBytes - 1 - (added.bytes - large) : maxBytes - added.bytes;
  return {
    admitted,
    request: { nowMs, ...added, admission: form(start, seen, { atMostRecords, atMostBytes }, maxBytes) },
  };
}

interface SecondStart {
  readonly second: 'same' | 'new' | 'overdrawn';
  readonly records: number;
  readonly bytes: number;
}

function secondStart(seen: SecondCounts, nowMs: number, maxBytes: number): SecondStart {
  const elapsed = Math.floor(nowMs / 1000) - seen.countedSecond;
  if (elapsed <= 0) {
    return { second: 'same', records: seen.secondRecords, bytes: seen.secondBytes };
  }
  const debt = Math.max(0, seen.secondBytes - maxBytes * elapsed);
  return seen.secondBytes > maxBytes
    ? { second: 'overdrawn', records: 0, bytes: debt }
    : { second: 'new', records: 0, bytes: 0 };
}

function form(
  start: SecondStart,
  seen: SecondCounts,
  most: { readonly atMostRecords: number; readonly atMostBytes: number },
  maxBytes: number,
): ReservationRequest['admission'] {
  switch (start.second) {
    case 'same':
      return { second: 'same', ...most };
    case 'new':
      return { second: 'new', atMostBytes: maxBytes };
    case 'overdrawn':
      return { second: 'overdrawn', seen, carriedBytes: start.bytes };
  }
}

/** A reservation that counts nothing: for records that an earlier reservation has counted already. */
export function uncounted(seen: SecondCounts, nowMs: number): ReservationRequest {
  const everything = { atMostRecords: Number.MAX_SAFE_INTEGER, atMostBytes: Number.MAX_SAFE_INTEGER };
  const elapsed = Math.floor(nowMs / 1000) - seen.countedSecond;
  return elapsed <= 0
    ? { nowMs, records: 0, bytes: 0, admission: { second: 'same', ...everything } }
    : { nowMs, records: 0, bytes: 0, admission: { second: 'new', atMostBytes: Number.MAX_SAFE_INTEGER } };
}
