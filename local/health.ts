import type { RequestListener } from './http-server.ts';
import { answerJson } from './json-answer.ts';

/** Where a server tells whether it works. Kinesis has no path of this name. */
export const HEALTH_PATH = '/health';

/**
 * Answers `GET /health`: 200 while the server is ready for requests, 503 while it is not. Every other request goes on to the
 * listener.
 * @param isReady looks into the store: a server that cannot read its data is not ready
 */
export function withHealth(listener: RequestListener, isReady: () => Promise<boolean>): RequestListener {
  return (request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || request.url?.split('?')[0] !== HEALTH_PATH) {
      listener(request, response);
      return;
    }
    request.resume();
    isReady()
      .catch(() => false)
      .then((ready) => {
        const status = { status: ready ? 'ready' : 'not ready' };
        answerJson(response, ready ? 200 : 503, status, request.method !== 'HEAD');
      })
      .catch(() => response.destroy());
  };
}
