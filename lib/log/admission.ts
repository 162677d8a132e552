import type { Limits } from '../model/limits.ts';
import type { AdmissionRequest, CountedRecords, SecondCounts } from '../store/second-counts.ts';
import type { Tail } from '../store/tail-item.ts';

/** What a process last saw of a shard's counts, and of the time of its last claim. */
export type SeenCounts = SecondCounts & Pick<Tail, 'reservedMs'>;

/** Which of some records a shard's limits admit, and what makes sure of it. */
export interface Admission {
  /** Indexes into the records, ascending. Empty: all are over the limit. */
  readonly admitted: readonly number[];
  /** Claims are told in the order of their times even where clocks differ: now, or when the last one was, epoch ms. */
  readonly notBeforeMs: number;
  /** How a reservation counts them, if the counts are still as they were seen. */
  readonly request: AdmissionRequest;
}

/** A second this far ahead of the writer's clock was begun by a clock that is wrong: it does not hold anyone up. */
const SECONDS_AHEAD = 2;

/**
 * Decides which records fit into the current second: in request order, each that fits. A record larger than a second's
 * bytes is let in while anything is left of the second, and the following seconds pay for it.
 * The counts may be out of date: the reservation's condition is what decides, this only picks its form.
 * @param sizes data + partition key bytes of each record
 * @param seen  what was last known of the shard's counts
 */
export function planAdmission(
  sizes: readonly number[],
  seen: SeenCounts,
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
  // Seconds are counted by the own clock.
  const added = { second: Math.floor(nowMs / 1000), records: records - start.records, bytes: bytes - start.bytes };
  // A large record needs only something to be left of the second when its turn comes.
  const atMostBytes = large > 0 ? maxBytes - 1 - (added.bytes - large) : maxBytes - added.bytes;
  const most = { atMostRecords: maxRecords - added.records, atMostBytes };
  return {
    admitted,
    notBeforeMs: Math.max(nowMs, seen.reservedMs),
    request: requestOf(start, seen, added, most, maxBytes),
  };
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

function requestOf(
  start: SecondStart,
  { countedSecond, secondRecords, secondBytes }: SecondCounts,
  added: CountedRecords,
  most: { readonly atMostRecords: number; readonly atMostBytes: number },
  maxBytes: number,
): AdmissionRequest {
  switch (start.form) {
    case 'same second':
      return { form: 'same second', ...added, ...most };
    case 'new second':
      return { form: 'new second', ...added, atMostBytes: maxBytes };
    case 'replace':
      return {
        form: 'replace',
        ...added,
        seen: { countedSecond, secondRecords, secondBytes },
        carriedBytes: start.bytes,
      };
  }
}
