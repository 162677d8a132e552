import type { ServerResponse } from 'node:http';

/** Answers a request for something that is not Kinesis': a line of JSON, which nobody keeps. */
export function answerJson(response: ServerResponse, status: number, value: object, hasBody = true): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(hasBody ? body : undefined);
}
