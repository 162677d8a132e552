import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { ApiHandler } from '../functions/dispatcher.ts';
import type { GatewayResult } from '../functions/middleware/exchange.ts';
import type { EventStream } from '../lib/protocol/event-stream.ts';
import type { BrowserGuard } from './browser-guard.ts';
import type { RequestListener } from './http-server.ts';
import type { Admitted, Intake } from './intake.ts';

/** How long a body may take to arrive, ms: a slow client must not hold memory for ever. */
const BODY_TIMEOUT_MS = 60_000;

export interface GatewayOptions {
  /** A request whose body is not complete after this time is cancelled. */
  readonly bodyTimeoutMs?: number;
  /** Ends the streaming responses that begin now. */
  readonly closing?: () => AbortSignal;
  /** Keeps foreign web pages out; undefined: signatures do. */
  readonly guard?: BrowserGuard | undefined;
}

/**
 * Replaces API Gateway: HTTP requests become its proxy events (payload format 2.0), the
 * handler's results become HTTP responses. It knows nothing of Kinesis.
 * @param maxBodyBytes larger bodies are not read completely; the handler refuses the part that it gets
 * @param intake       if it has no room, the response is a 503, which clients retry
 */
export function gateway(
  handler: ApiHandler,
  maxBodyBytes: number,
  intake: Intake,
  { bodyTimeoutMs = BODY_TIMEOUT_MS, closing = neverClosing, guard }: GatewayOptions = {},
): RequestListener {
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const timeout = setTimeout(() => giveUp(request, response), bodyTimeoutMs);
    request.once('end', () => clearTimeout(timeout));
    const admitted = intake.admit();
    let hasLeft = false;
    // The room is held until the response is sent, or the client has left.
    response.once('close', () => {
      hasLeft = true;
      clearTimeout(timeout);
      admitted?.leave();
    });
    if (admitted === undefined) {
      request.resume();
      writeResult(response, UNAVAILABLE);
      return;
    }
    const body = await readBody(request, maxBodyBytes, admitted);
    if (body === 'no room') {
      writeResult(response, UNAVAILABLE);
    } else if (body !== 'gone') {
      const result = await handler(toEvent(request, body), {} as Context);
      if (typeof result.body === 'object') {
        if (hasLeft) {
          result.body.destroy();
          return;
        }
        writeStream(response, result, result.body, closing());
      } else {
        writeResult(response, result as PlainResult);
      }
    }
  };
  return (request, response) => {
    const foreign = guard?.refuses(request);
    if (foreign === undefined) {
      respond(request, response).catch(() => response.destroy());
    } else {
      request.resume();
      writeResult(response, refused(foreign));
    }
  };
}

/** Ends a request without a response. In HTTP/2 the stream has to be ended, which the request object cannot do. */
function giveUp(request: IncomingMessage, response: ServerResponse): void {
  request.destroy();
  response.destroy();
}

const neverClosing = (): AbortSignal => new AbortController().signal;

const UNAVAILABLE: PlainResult = {
  statusCode: 503,
  headers: { 'Content-Type': 'application/json' },
  body: '{"__type":"ServiceUnavailable","message":"Service Unavailable"}',
};

const refused = (foreign: string): PlainResult => ({
  statusCode: 403,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    __type: 'AccessDeniedException',
    message: `A web page called from ${foreign}. ALLOWED_ORIGINS lets it in.`,
  }),
});

/**
 * What comes is taken as it comes: an iterator over the request would cost more than all that follows from a small body.
 * @returns the body, cut off one byte above the limit; or that there is no room for it, or that the client is gone
 */
function readBody(
  request: IncomingMessage,
  maxBytes: number,
  admitted: Admitted,
): Promise<Buffer | 'no room' | 'gone'> {
  const chunks: Buffer[] = [];
  let length = 0;
  let room = true;
  request.on('data', (chunk: Buffer) => {
    // The rest of the body is read and dropped, so that the client reads its response.
    const kept = room ? chunk.subarray(0, Math.max(0, maxBytes + 1 - length)) : chunk.subarray(0, 0);
    length += chunk.length;
    if (kept.length > 0) {
      room = admitted.take(kept.length);
      chunks.push(kept);
    }
    if (!room) {
      chunks.length = 0;
    }
  });
  return new Promise((resolve) => {
    request.once('end', () => {
      if (!room) {
        resolve('no room');
      } else {
        resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
      }
    });
    request.once('error', () => resolve('gone'));
    request.once('close', () => resolve('gone'));
  });
}

/** Like API Gateway, passes JSON on as text and everything else as base64. */
function toEvent(request: IncomingMessage, body: Buffer): APIGatewayProxyEventV2 {
  const [rawPath = '/', rawQueryString = ''] = splitOnce(request.url ?? '/', '?');
  const headers = joinedHeaders(request);
  const isText = /json/.test(headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: (headers.host ?? 'localhost').toLowerCase().replace(/:\d+$/, ''),
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        // An IPv4 client of a socket for both versions: its address as policies write it.
        sourceIp: (request.socket?.remoteAddress ?? '').replace(/^::ffff:(?=[\d.]+$)/i, ''),
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date().toISOString(),
      timeEpoch: Date.now(),
    },
    ...(body.length > 0 && { body: isText ? body.toString() : body.toString('base64') }),
    isBase64Encoded: !isText,
  };
}

/** Header names in lower case, values of one name joined; HTTP/2's pseudo headers become what HTTP/1.1 has. */
function joinedHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !name.startsWith(':')) {
      headers[name] = Array.isArray(value) ? value.join(',') : value;
    }
  }
  const authority = request.headers[':authority'];
  if (headers.host === undefined && typeof authority === 'string') {
    headers.host = authority;
  }
  // Policies may ask for it, so no client may say it: the connection does.
  const { socket } = request as { readonly socket?: { readonly encrypted?: boolean } };
  headers['x-forwarded-proto'] = socket?.encrypted === true ? 'https' : 'http';
  return headers;
}

type PlainResult = GatewayResult & { readonly body?: string };

/** Sends a streaming response, no faster than the client reads it. Ends its source when the client leaves. */
function writeStream(
  response: ServerResponse,
  { statusCode = 200, headers = {} }: GatewayResult,
  body: EventStream,
  closing: AbortSignal,
): void {
  const finish = () => body.finish();
  closing.addEventListener('abort', finish, { once: true });
  if (closing.aborted) {
    finish();
  }
  response.statusCode = statusCode;
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, String(value));
  }
  pipeline(body, response, () => {
    closing.removeEventListener('abort', finish);
    // The client is gone, so there is nobody to report an error to.
    response.destroy();
  });
}

function writeResult(response: ServerResponse, result: PlainResult): void {
  const { statusCode = 200, headers = {}, body = '', isBase64Encoded = false } = result;
  const payload = isBase64Encoded ? Buffer.from(body, 'base64') : body;
  const chunked = 'Transfer-Encoding' in headers;
  const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const sent: Record<string, string | number> = chunked ? {} : { 'Content-Length': bytes };
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2 has frames of its own and refuses this header.
    if (name !== 'Transfer-Encoding' || response.req.httpVersionMajor < 2) {
      sent[name] = String(value);
    }
  }
  // A text that completes the response is sent together with its headers.
  response.writeHead(statusCode, sent);
  if (bytes === payload.length) {
    // Without a character beyond ASCII both are the same bytes, and these are written several times as fast.
    response.end(payload, 'latin1');
  } else {
    response.end(payload);
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
