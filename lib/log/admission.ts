import type { Limits } from '../model/limits.ts';
import type { AdmissionRequest, CountedRecords, SecondCounts } from '../store/second-counts.ts';
import type { Tail } from '../store/tail-item.ts';

/** The counts of a shard, and the date of its last claim, as a process last saw them. */
export type SeenCounts = SecondCounts & Pick<Tail, 'reservedMs'>;

/** Which records the limits of a shard admit, and the request that enforces it. */
export interface Admission {
  /** Indexes into the records, ascending. Empty: all are over the limit. */
  readonly admitted: readonly number[];
  /** The date of the claim: now, or the date of the last claim if that is later. So dates ascend even if clocks differ. Epoch ms. */
  readonly notBeforeMs: number;
  /** How a reservation counts the records, on condition that the counts are still as they were seen. */
  readonly request: AdmissionRequest;
}

/** A second that is further ahead of the writer's clock was begun by a wrong clock. It does not delay anyone. */
const SECONDS_AHEAD = 2;

/**
 * Decides which records fit into the current second: each that fits, in request order. A record that is larger than the bytes
 * of a second is admitted if anything is left of the second; the following seconds are charged for it.
 * The counts may be stale. The condition of the reservation decides; this only chooses its form.
 * @param sizes data + partition key bytes of each record
 * @param seen  the shard's counts as last seen
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
  // A writer counts seconds with its own clock.
  const added = { second: Math.floor(nowMs / 1000), records: records - start.records, bytes: bytes - start.bytes };
  // A large record is admitted if anything is left of the second when its turn comes.
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
