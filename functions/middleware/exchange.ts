import type { Request } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Principal } from '../../lib/authorization/authorize.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { EventStream } from '../../lib/protocol/event-stream.ts';
import type { Call } from '../../lib/protocol/read-call.ts';
import type { RequestIds } from '../../lib/protocol/response.ts';
import type { WireRequest, WireResponse } from '../../lib/protocol/wire-message.ts';

/** A request that is ready for its operation. */
export interface OperationCall extends Call<Operation, Principal | undefined> {
  /** Writes a line of the trail when a streaming response is refused after it has begun. */
  readonly recordRefusal?: (error: unknown) => void;
}

/** The values that the middlewares of one request share. */
export interface Exchange extends Record<string, unknown> {
  readonly ids?: RequestIds;
  readonly wire?: WireRequest;
  readonly operation?: Operation;
  /** When the request came, by `performance.now()`. */
  readonly begunMs?: number;
}

/** A request in progress: the event becomes the operation's call, the output becomes the gateway's response. */
export type ApiRequest = Omit<Request, 'internal'> & { internal: { -readonly [K in keyof Exchange]: Exchange[K] } };

/** Reads the gateway's event (payload format 2.0: HTTP API and function URL). */
export function fromGatewayEvent(event: APIGatewayProxyEventV2): WireRequest {
  const { headers, rawQueryString, body = '', isBase64Encoded, requestContext } = event;
  return {
    method: requestContext.http.method,
    path: event.rawPath,
    hostName: requestContext.domainName,
    sourceIp: requestContext.http.sourceIp,
    headers: lowerCased(headers),
    query: new URLSearchParams(rawQueryString),
    body: isBase64Encoded ? Buffer.from(body, 'base64') : body,
  };
}

/** Front doors nearly always send names in lower case. */
function lowerCased(headers: APIGatewayProxyEventV2['headers'] = {}): Record<string, string | undefined> {
  return Object.keys(headers).some((name) => name !== name.toLowerCase())
    ? Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    : headers;
}

/** The gateway's response (payload format 2.0). The body may be a stream. */
export type GatewayResult = Omit<APIGatewayProxyStructuredResultV2, 'body'> & {
  readonly body?: string | EventStream;
};

/** Builds the gateway's response. Bytes are sent as base64. */
export function toGatewayResult({ status, headers, body }: WireResponse): GatewayResult {
  return typeof body === 'string' || body instanceof EventStream
    ? { statusCode: status, headers, body, isBase64Encoded: false }
    : {
        statusCode: status,
        headers,
        body: Buffer.from(body.buffer, body.byteOffset, body.length).toString('base64'),
        isBase64Encoded: true,
      };
}
