import type { IncomingMessage, ServerResponse } from 'node:http';
import { drained } from '../../client/drained.ts';

/** Headers of every response. No page may frame the console, and none may read or embed what it sends. */
const ALWAYS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

/** Only files of the console's own run or show, nothing of a record is markup, and nothing is sent elsewhere. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types rivulet',
].join('; ');

/** An error as the page gets it: of this console, or of the endpoint. */
export interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
}

export function sendFile(
  response: ServerResponse,
  type: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, {
    ...ALWAYS,
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** Sends JSON: a value, or text that is JSON already. */
export function sendJson(response: ServerResponse, status: number, value: object | string): void {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  response.writeHead(status, {
    ...ALWAYS,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

export function sendError(response: ServerResponse, status: number, { code, message }: ErrorAnswer): void {
  sendJson(response, status, { error: { code, message } });
}

/** A response that grows: a line of JSON for each value, no faster than the page reads. */
export class LineStream {
  /** Aborts when the page has left. */
  readonly gone: AbortSignal;
  readonly #response: ServerResponse;
  /** Resolves when the lines so far have been taken. */
  #written: Promise<void> = Promise.resolve();

  constructor(response: ServerResponse, gone: AbortSignal) {
    this.gone = gone;
    this.#response = response;
    response.writeHead(200, { ...ALWAYS, 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
    response.flushHeaders();
  }

  /**
   * Resolves when there is room for more, or the page has left. One line is made after the other has been taken: however many shards
   * write, one line is in memory.
   * @param line makes the value
   */
  write(line: () => object): Promise<void> {
    const written = this.#written.then(() => this.#write(line));
    // A line that cannot be made fails its writer, not the next one.
    this.#written = written.catch(() => {});
    return written;
  }

  async #write(line: () => object): Promise<void> {
    const response = this.#response;
    if (!this.gone.aborted && !response.write(`${JSON.stringify(line())}\n`)) {
      await drained(response);
    }
  }

  end(): void {
    this.#response.end();
  }
}

/** The most bytes of a call: a full PutRecords in base64, and its keys. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** A call that this console does not take as it is. */
export class BadCall extends Error {
  readonly status: number;
  readonly code: string;

  constructor(message: string, status = 400, code = 'BadRequest') {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Reads the body of a call, as it came. @throws BadCall above the limit */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // The rest is read and dropped, so that the page reads its answer.
    if (length <= MAX_BODY_BYTES) {
      chunks.push(chunk);
    }
  }
  if (length > MAX_BODY_BYTES) {
    throw new BadCall('The call is too large.', 413);
  }
  return Buffer.concat(chunks);
}

/** Reads a call as an object. @throws BadCall for anything else */
export function parseObject(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw new BadCall('The call is no JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadCall('The call is no object.');
  }
  return value as Record<string, unknown>;
}
