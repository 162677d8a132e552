import type { Deps } from '../deps.ts';
import { rateExceededForStream, type StreamReference } from '../faults.ts';
import type { Stream } from '../model/stream.ts';

const DAY_MS = 86_400_000;

/**
 * Counts a call of an operation with a limit of calls in 24 hours.
 * @returns the stream's `calledMs` with this call
 * @throws KinesisFault LimitExceededException when throttling is on and the day's calls are used up
 */
export function countDailyCall(
  stream: Stream,
  action: string,
  callsPerDay: number,
  reference: StreamReference,
  deps: Deps,
): Stream['calledMs'] {
  const nowMs = deps.now();
  const recent = (stream.calledMs[action] ?? []).filter((calledMs) => nowMs - calledMs < DAY_MS);
  if (deps.limits.throttling && recent.length >= callsPerDay) {
    throw rateExceededForStream(reference);
  }
  return { ...stream.calledMs, [action]: [...recent, nowMs].slice(-callsPerDay) };
}
