import type { MiddlewareObj } from '@middy/core';
import type { ApiRequest } from './exchange.ts';

/** Notes when each request began, for the middlewares after it that tell how long it took. */
export const timeCalls: MiddlewareObj = {
  before(request) {
    (request as ApiRequest).internal.begunMs = performance.now();
  },
};

/** How long a request has taken so far, ms. */
export function latencyMs({ begunMs }: ApiRequest['internal']): number {
  const nowMs = performance.now();
  return nowMs - (begunMs ?? nowMs);
}
