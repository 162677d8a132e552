import { NodeHttpHandler } from '@smithy/node-http-handler';

/** Connections and requests of one client of AWS. */
export interface RequestBounds {
  readonly requestTimeoutMs: number;
  readonly maxSockets: number;
}

const CONNECTION_TIMEOUT_MS = 1_000;

/** A request handler whose requests end with an error when they take too long to be answered. */
export const boundedRequests = ({ requestTimeoutMs, maxSockets }: RequestBounds): NodeHttpHandler =>
  new NodeHttpHandler({
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: { maxSockets },
    httpsAgent: { maxSockets },
  });
