import { KinesisFault } from '../faults.ts';
import type { WireRequest } from '../protocol/wire-message.ts';
import { equalInConstantTime } from '../signing/constant-time.ts';

/** The headers in which the deployment's proxy (CloudFront) sends its secret, and the client's host and address. */
export const PROXY_HEADERS = {
  secret: 'x-rivulet-proxy',
  viewerHost: 'x-rivulet-viewer-host',
  viewerIp: 'x-rivulet-viewer-ip',
} as const;

/**
 * The request as the client sent it to the proxy, with the host and the address that the proxy saw. If there is a
 * proxy, no request can bypass it.
 * @param proxySecret undefined: there is no proxy, and the proxy headers of a request are ignored
 * @throws KinesisFault AccessDeniedException for a request that did not come through the proxy
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
