import { newSecond, type TrafficSecond } from '../wire.ts';
import { watchCalls } from './api.ts';

/** How long the page remembers what it has seen, s. */
const KEPT_SECONDS = 600;

type Seen = { -readonly [K in keyof TrafficSecond]: TrafficSecond[K] };

/** Streams that are remembered. */
const MAX_STREAMS = 50;

const streams = new Map<string, Seen[]>();

function current(stream: string): Seen {
  const seconds = streams.get(stream) ?? [];
  const at = Math.floor(Date.now() / 1_000);
  const last = seconds.at(-1);
  if (last?.at === at) {
    return last;
  }
  const next: Seen = newSecond(at);
  streams.delete(stream);
  streams.set(stream, [...seconds.filter((second) => second.at > at - KEPT_SECONDS), next]);
  if (streams.size > MAX_STREAMS) {
    streams.delete([...streams.keys()][0] ?? '');
  }
  return next;
}

/** Counts the page's own calls: all that is known of a deployment whose metrics are not chosen. */
export function beginSeeing(): void {
  watchCalls(({ input, latencyMs, code }) => {
    const { StreamName } = input as { readonly StreamName?: string };
    if (StreamName === undefined) {
      return;
    }
    const second = current(StreamName);
    second.calls += 1;
    second.latencyMs += latencyMs;
    second.maxLatencyMs = Math.max(second.maxLatencyMs, latencyMs);
    second.throttled += code === 'ProvisionedThroughputExceededException' || code === 'LimitExceededException' ? 1 : 0;
  });
}

/** Counts records that the page has put. */
export function sawPut(stream: string, records: number, bytes: number): void {
  const second = current(stream);
  second.recordsIn += records;
  second.bytesIn += bytes;
}

/** Counts a put that was refused in part. */
export function sawThrottle(stream: string): void {
  current(stream).throttled += 1;
}

/** Counts records that the page has read. */
export function sawRead(stream: string, records: number, bytes: number): void {
  const second = current(stream);
  second.recordsOut += records;
  second.bytesOut += bytes;
}

export const seenSeconds = (stream: string): readonly TrafficSecond[] => streams.get(stream) ?? [];
