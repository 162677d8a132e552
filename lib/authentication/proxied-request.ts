import { KinesisFault } from '../faults.ts';
import type { WireRequest } from '../protocol/wire-message.ts';
import { equalInConstantTime } from '../signing/constant-time.ts';

/** The headers by which the deployment's own proxy (CloudFront) proves itself, and tells whom it speaks for. */
export const PROXY_HEADERS = {
  secret: 'x-rivulet-proxy',
  viewerHost: 'x-rivulet-viewer-host',
  viewerIp: 'x-rivulet-viewer-ip',
} as const;

/**
 * A request as the client sent it to the proxy: its host and its address are those that the proxy saw. Where there is a proxy,
 * nobody gets past it.
 * @param proxySecret undefined: there is no proxy, and what a request says about one is not believed
 * @throws KinesisFault AccessDeniedException for a request that did not come through it
 */
export function viewerRequest(request: WireRequest, proxySecret: string | undefined): WireRequest {
  if (proxySecret === undefined) {
    return request;
  }
  const { headers } = request;
  const [secret, host, ip] = [PROXY_HEADERS.secret, PROXY_HEADERS.viewerHost, PROXY_HEADERS.viewerIp].map(
    (name) => headers[name],
  );
  if (proxySecret === '' || host === undefined || !equalInConstantTime(secret ?? '', proxySecret)) {
    throw new KinesisFault('AccessDeniedException', 'Requests have to come through the CloudFront distribution.');
  }
  return { ...request, hostName: host.toLowerCase(), sourceIp: ip ?? request.sourceIp, headers: { ...headers, host } };
}
