import type { MiddlewareObj } from '@middy/core';
import type { Deps } from '../../lib/deps.ts';
import { internalFailure } from '../../lib/faults.ts';
import { EventStream } from '../../lib/protocol/event-stream.ts';
import { faultResponse, newRequestIds, outputResponse, streamResponse } from '../../lib/protocol/response.ts';
import type { WireRequest } from '../../lib/protocol/wire-message.ts';
import { type ApiRequest, toGatewayResult } from './exchange.ts';
import { wireFault } from './wire-fault.ts';

/** Used instead of a request that could not be read. */
const UNREADABLE: WireRequest = {
  method: 'POST',
  path: '/',
  hostName: '',
  sourceIp: '',
  headers: {},
  query: new URLSearchParams(),
  body: '',
};

/**
 * Turns an operation's output, or the fault that was thrown, into the gateway's response. An unexpected error
 * is logged, and becomes Kinesis' internal failure without details.
 */
export function wireResponse(deps: Deps): MiddlewareObj {
  return {
    async after(request) {
      const { internal, response } = request as ApiRequest;
      const { ids, wire, operation } = internal;
      if (ids !== undefined && wire !== undefined && operation !== undefined) {
        const answer =
          response instanceof EventStream
            ? streamResponse(wire, ids, response)
            : await outputResponse(wire, ids, operation.output, response as object | undefined);
        request.response = toGatewayResult(answer);
      }
    },
    onError(request) {
      const { internal, error } = request as ApiRequest;
      const ids = internal.ids ?? newRequestIds();
      const fault = wireFault(error, internal.operation, deps);
      if (fault === undefined) {
        deps.log.error(`request ${ids.requestId} (${internal.operation?.name ?? 'no operation'}) failed`, error);
      }
      request.response = toGatewayResult(faultResponse(internal.wire ?? UNREADABLE, ids, fault ?? internalFailure()));
    },
  };
}
