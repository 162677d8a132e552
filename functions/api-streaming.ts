import { Readable } from 'node:stream';
import type { MiddlewareObj } from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/executionModeStreamifyResponse';
import { readConfiguration } from '../lib/configuration.ts';
import { deployed } from './deployed.ts';
import { createDispatcher } from './dispatcher.ts';
import type { GatewayResult } from './middleware/exchange.ts';

/** The global object of the Lambda runtime for functions that stream their responses. */
declare const awslambda: {
  // biome-ignore lint/suspicious/noExplicitAny: the runtime returns the same function, marked
  streamifyResponse<F extends (...parameters: any[]) => unknown>(handler: F): F;
};

/** A streamed response has no base64 flag: its body is sent as bytes. */
const bytesAsTheyAre: MiddlewareObj = { after: passBytes, onError: passBytes };

function passBytes(request: { response?: unknown }): void {
  const { isBase64Encoded, body, ...rest } = request.response as GatewayResult;
  const bytes = isBase64Encoded && typeof body === 'string' ? Readable.from([Buffer.from(body, 'base64')]) : body;
  request.response = { ...rest, body: bytes };
}

const configuration = readConfiguration(process.env);

/** The Lambda function behind a function URL: the same dispatcher as in api.ts, with streaming responses. */
export const handler = createDispatcher(configuration, {
  ...deployed(configuration),
  executionMode: executionModeStreamifyResponse,
  outermost: bytesAsTheyAre,
  asInvoked: (inner) => awslambda.streamifyResponse(inner),
});
