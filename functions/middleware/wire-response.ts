import type { MiddlewareObj } from '@middy/core';
import type { Deps } from '../../lib/deps.ts';
import { internalFailure } from '../../lib/faults.ts';
import { EventStream } from '../../lib/protocol/event-stream.ts';
import { faultResponse, newRequestIds, outputResponse, streamResponse } from '../../lib/protocol/response.ts';
import type { WireRequest } from '../../lib/protocol/wire-message.ts';
import { type ApiRequest, toGatewayResult } from './exchange.ts';
import { wireFault } from './wire-fault.ts';

/** Stands in for a request that could not even be read. */
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
 * Turns an operation's output, or the fault that was thrown on the way, into the gateway's answer. A fault that nobody
 * foresaw is logged and answered as Kinesis' internal failure, without a word about it.
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
