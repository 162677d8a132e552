import type { IncomingMessage } from 'node:http';
import type { BrowserGuard } from './browser-guard.ts';
import type { RequestListener } from './http-server.ts';
import type { TrafficCounters } from './traffic.ts';

/** Where a server tells what it has counted. Kinesis has no path of this name. */
export const TRAFFIC_PATH = '/traffic';

/**
 * Answers `GET /traffic?region=…&stream=…` with what a region has counted: of one stream, or of all together and each stream's rate.
 * Every other request goes on to the listener.
 * @param guard    keeps foreign web pages out, as from everything else
 * @param ofRegion undefined for a region that has had no request
 */
export function withTraffic(
  listener: RequestListener,
  guard: BrowserGuard,
  ofRegion: (region: string) => TrafficCounters | undefined,
): RequestListener {
  return (request, response) => {
    const [path, query] = (request.url ?? '').split('?');
    if (request.method !== 'GET' || path !== TRAFFIC_PATH) {
      listener(request, response);
      return;
    }
    request.resume();
    const isForeign = guard.refuses(request as IncomingMessage) !== undefined;
    const body = `${JSON.stringify(isForeign ? {} : answer(new URLSearchParams(query), ofRegion))}\n`;
    response.writeHead(isForeign ? 403 : 200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
    });
    response.end(body);
  };
}

function answer(query: URLSearchParams, ofRegion: (region: string) => TrafficCounters | undefined): object {
  const counters = ofRegion(query.get('region') ?? '');
  const stream = query.get('stream');
  if (stream !== null) {
    return { seconds: counters?.seconds(stream) ?? [], shards: counters?.shards(stream) ?? [] };
  }
  return { seconds: counters?.seconds() ?? [], shards: [], streams: counters?.rates() ?? {} };
}
