import type { PutEvent, SeenRecord } from './history.ts';
import { type Violation, violation } from './readings.ts';
import { clockDifferenceMs, type RoundTerms } from './round-terms.ts';

/** Reservations may overtake each other. So each is dated at the end of such a span, ms (docs/log.md). */
const OVERTAKING_MS = 250;

/** A record arrives between its request and the response, by the clock of some process. */
export function* arrival(put: PutEvent, record: SeenRecord, { behindMs, aheadMs }: RoundTerms): Generator<Violation> {
  const isEarly = record.arrivalMs < put.startMs - behindMs;
  const isLate = record.arrivalMs > put.endMs + aheadMs + OVERTAKING_MS;
  if (put.outcome === 'acknowledged' && (isEarly || isLate)) {
    yield violation('a record arrives between its request and the answer', put, record);
  }
}

/** Arrival times ascend with the sequence numbers, except within a quarter of a second. */
export function* ascending(log: readonly SeenRecord[]): Generator<Violation> {
  let latest: SeenRecord | undefined;
  for (const record of log) {
    if (latest !== undefined && record.arrivalMs < latest.arrivalMs - OVERTAKING_MS) {
      yield violation('arrival times ascend', latest, record);
    }
    latest = latest === undefined || record.arrivalMs > latest.arrivalMs ? record : latest;
  }
}

/**
 * Whether a reader that asked for a time begins with the first record that did not arrive earlier. With turning
 * clocks, it may pass records that the search takes for earlier, by the most that clocks differ.
 * @param from the index in the log of the first record that it got
 */
export function beginsAtTime(
  timestampMs: number,
  log: readonly SeenRecord[],
  from: number,
  terms: RoundTerms,
): boolean {
  const first = log.at(from);
  const hasPassed = log.slice(0, from).some(({ arrivalMs }) => arrivalMs >= latestBegin(timestampMs, terms));
  return !hasPassed && (first === undefined || first.arrivalMs >= timestampMs);
}

/** The arrival time from which on a reader that begins at a time gets everything. */
export const latestBegin = (timestampMs: number, terms: RoundTerms): number =>
  timestampMs + (terms.turningClocks ? clockDifferenceMs(terms) : 0);
