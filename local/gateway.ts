import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { ApiHandler } from '../functions/dispatcher.ts';
import type { RequestListener } from './http-server.ts';

/**
 * Stands where API Gateway stands when deployed: HTTP requests become its proxy events (payload format 2.0), the
 * handler's answers become HTTP responses. It knows nothing of Kinesis.
 * @param maxBodyBytes larger bodies are not read to their end; the handler refuses what it gets of them
 */
export function gateway(handler: ApiHandler, maxBodyBytes: number): RequestListener {
  return (request, response) => {
    respond(handler, request, response, maxBodyBytes).catch(() => response.destroy());
  };
}

async function respond(
  handler: ApiHandler,
  request: IncomingMessage,
  response: ServerResponse,
  maxBodyBytes: number,
): Promise<void> {
  const body = await readBody(request, maxBodyBytes);
  if (body === undefined) {
    return;
  }
  const result = await handler(toEvent(request, body), {} as Context);
  writeResult(response, result);
}

/** @returns the body, cut off one byte above the limit; undefined when the client went away */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      // What is beyond the limit is drained, so that the client gets to read its answer, but not kept.
      if (length <= maxBytes) {
        chunks.push(chunk.subarray(0, maxBytes + 1 - length));
      }
      length += chunk.length;
    }
  } catch {
    return undefined;
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
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
      domainName: headers.host ?? 'localhost',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket?.remoteAddress ?? '',
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
  return headers;
}

function writeResult(response: ServerResponse, result: APIGatewayProxyStructuredResultV2): void {
  const { statusCode = 200, headers = {}, body = '', isBase64Encoded = false } = result;
  const payload = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  response.statusCode = statusCode;
  const chunked = 'Transfer-Encoding' in headers;
  for (const [name, value] of Object.entries(headers)) {
    // HTTP/2 has frames of its own and refuses this header.
    if (name !== 'Transfer-Encoding' || response.req.httpVersionMajor < 2) {
      response.setHeader(name, String(value));
    }
  }
  if (!chunked) {
    response.setHeader('Content-Length', payload.length);
  }
  response.end(payload);
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
