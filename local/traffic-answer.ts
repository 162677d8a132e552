import type { IncomingMessage } from 'node:http';
import type { BrowserGuard } from './browser-guard.ts';
import type { RequestListener } from './http-server.ts';
import { answerJson } from './json-answer.ts';
import type { TrafficCounters } from './traffic.ts';

/** Where a server tells what it has counted. Kinesis has no path of this name. */
export const TRAFFIC_PATH = '/traffic';

/** The regions of a server that count. */
export interface CountingRegions {
  names(): readonly string[];
  /** Undefined for a region that has had no request. */
  ofRegion(region: string): TrafficCounters | undefined;
}

/**
 * Answers `GET /traffic?region=…&stream=…` with what a region has counted: of one stream, or of all together and each stream's rate;
 * without a region it names those that there are. Every other request goes on to the listener.
 * @param guard keeps foreign web pages out, as from everything else
 */
export function withTraffic(listener: RequestListener, guard: BrowserGuard, regions: CountingRegions): RequestListener {
  return (request, response) => {
    const [path, query] = (request.url ?? '').split('?');
    if (request.method !== 'GET' || path !== TRAFFIC_PATH) {
      listener(request, response);
      return;
    }
    request.resume();
    const isForeign = guard.refuses(request as IncomingMessage) !== undefined;
    answerJson(response, isForeign ? 403 : 200, isForeign ? {} : answer(new URLSearchParams(query), regions));
  };
}

function answer(query: URLSearchParams, regions: CountingRegions): object {
  const region = query.get('region');
  if (region === null) {
    return { regions: regions.names() };
  }
  const counters = regions.ofRegion(region);
  const stream = query.get('stream');
  if (stream !== null) {
    return { seconds: counters?.seconds(stream) ?? [], shards: counters?.shards(stream) ?? [] };
  }
  return { seconds: counters?.seconds() ?? [], shards: [], streams: counters?.rates() ?? {} };
}
