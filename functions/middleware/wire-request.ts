import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { principalOf } from '../../lib/authorization/authorize.ts';
import type { Deps } from '../../lib/deps.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { isPreflight, newRequestIds, preflightAnswer } from '../../lib/protocol/answer.ts';
import { readCall, requireBodyWithin } from '../../lib/protocol/read-call.ts';
import { type ApiRequest, fromGatewayEvent, toGatewayResult } from './exchange.ts';

/** Turns the gateway's event into a call of an operation; what is wrong with it is thrown as the fault to answer. */
export function wireRequest(operations: ReadonlyMap<string, Operation>, deps: Deps): MiddlewareObj {
  return {
    async before(request) {
      const { internal } = request as ApiRequest;
      internal.ids = newRequestIds();
      internal.wire = fromGatewayEvent(request.event as APIGatewayProxyEventV2);
      requireBodyWithin(internal.wire, deps.limits.bodyBytes);
      if (isPreflight(internal.wire)) {
        return toGatewayResult(preflightAnswer(internal.wire, internal.ids));
      }
      const call = await readCall(internal.wire, operations, (wire, presented) => principalOf(wire, presented, deps));
      internal.operation = call.operation;
      request.event = call;
      return undefined;
    },
  };
}
