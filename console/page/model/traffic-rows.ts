import type { Traffic, TrafficSecond } from '../../wire.ts';

/** What is drawn, s. */
const WINDOW_SECONDS = { process: 300, none: 300, cloudwatch: 3_600 } as const;

/** CloudWatch knows a minute some minutes later: until then it is not known that nothing happened. */
const LATE_SECONDS = { process: 0, none: 0, cloudwatch: 180 } as const;

/** The counters of each period, s, from old to new. Undefined: nothing happened. The period that is under way is not complete. */
export function trafficRows(
  { seconds, period, source }: Pick<Traffic, 'seconds' | 'period' | 'source'>,
  nowMs: number = Date.now(),
): { times: number[]; rows: (TrafficSecond | undefined)[] } {
  const known = Math.floor(nowMs / 1_000 / period) * period - period;
  const last = Math.max(known - LATE_SECONDS[source], Math.min(known, seconds.at(-1)?.at ?? 0));
  const count = WINDOW_SECONDS[source] / period;
  const times = Array.from({ length: count }, (_, index) => last - (count - 1 - index) * period);
  const byTime = new Map(seconds.map((second) => [second.at, second]));
  return { times, rows: times.map((at) => byTime.get(at)) };
}
