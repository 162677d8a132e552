import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { viewerRequest } from '../../lib/authentication/proxied-request.ts';
import { principalOf } from '../../lib/authorization/authorize.ts';
import type { Deps } from '../../lib/deps.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import type { PresentedSignature } from '../../lib/protocol/authorization.ts';
import { readCall, requireBodyWithin } from '../../lib/protocol/read-call.ts';
import { isPreflight, newRequestIds, preflightResponse } from '../../lib/protocol/response.ts';
import type { WireRequest } from '../../lib/protocol/wire-message.ts';
import { type ApiRequest, fromGatewayEvent, toGatewayResult } from './exchange.ts';

/** Turns the gateway's event into a call of an operation. Throws the fault that the client gets. */
export function wireRequest(operations: ReadonlyMap<string, Operation>, deps: Deps): MiddlewareObj {
  const authentication = {
    verifies: deps.credentials !== undefined,
    authenticate: (wire: WireRequest, presented: PresentedSignature) => principalOf(wire, presented, deps),
  };
  return {
    async before(request) {
      const { internal } = request as ApiRequest;
      internal.ids = newRequestIds();
      internal.wire = fromGatewayEvent(request.event as APIGatewayProxyEventV2);
      internal.wire = viewerRequest(internal.wire, await deps.proxySecret?.());
      requireBodyWithin(internal.wire, deps.limits.bodyBytes);
      if (isPreflight(internal.wire)) {
        return toGatewayResult(preflightResponse(internal.wire, internal.ids));
      }
      const call = await readCall(internal.wire, operations, authentication);
      internal.operation = call.operation;
      request.event = call;
      return undefined;
    },
  };
}
