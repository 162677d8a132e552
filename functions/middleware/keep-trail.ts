import type { MiddlewareObj } from '@middy/core';
import { asViewed } from '../../lib/authentication/proxied-request.ts';
import type { Principal } from '../../lib/authorization/authorize.ts';
import type { Deps } from '../../lib/deps.ts';
import { KinesisFault } from '../../lib/faults.ts';
import { presentedSignature } from '../../lib/protocol/authorization.ts';
import { target } from '../../lib/protocol/target.ts';
import type { WireRequest } from '../../lib/protocol/wire-message.ts';
import type { Trail, TrailLine } from '../trail.ts';
import type { ApiRequest, OperationCall } from './exchange.ts';
import { toldFault } from './told-fault.ts';

/** The most characters of what anybody may have made up. */
const MAX_LENGTH = 512;

/**
 * Who is refused by these is told why in words that repeat nothing of the request but names and times. The sentences of the
 * others repeat headers, in which there may be a secret.
 */
const TOLD_REASONS: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
]);

const UNTOLD_REASONS: ReadonlySet<string> = new Set([
  'IncompleteSignatureException',
  'MissingAuthenticationTokenException',
]);

/** Everything that changes nothing but records: whatever comes to it is a change, until it is named here. */
const isChange = (operation: string): boolean =>
  !/^(Get|List|Describe)/.test(operation) && !['PutRecord', 'PutRecords', 'SubscribeToShard'].includes(operation);

/** Writes a line for each change of the control plane, and for each request that was refused. */
export function keepTrail(trail: Trail, deps: Deps): MiddlewareObj {
  const tell = ({ internal, event }: Pick<ApiRequest, 'internal' | 'event'>, fault: KinesisFault | undefined) => {
    const { ids, wire } = internal;
    if (ids === undefined || wire === undefined) {
      return;
    }
    try {
      const caller = callerOf(wire, internal.operation && (event as OperationCall), deps);
      const operation = internal.operation?.name ?? target(wire).operation.slice(0, MAX_LENGTH);
      if (fault !== undefined && isRefusal(fault)) {
        trail.write({ ...refusal(fault), requestId: ids.requestId, operation, ...caller });
      } else if (internal.operation !== undefined && isChange(operation)) {
        const code = fault && { fault: fault.code };
        trail.write({ event: 'change', requestId: ids.requestId, operation, ...caller, ...code });
      }
    } catch (error) {
      deps.log.error('a line of the trail could not be written', error);
    }
  };
  return {
    before(request) {
      const { internal, event } = request as ApiRequest;
      const tellRefusal = (error: unknown) => {
        if (error instanceof KinesisFault && isRefusal(error)) {
          tell({ internal, event }, error);
        }
      };
      request.event = { ...(event as OperationCall), tellRefusal };
    },
    after: (request) => tell(request as ApiRequest, undefined),
    onError(request) {
      const { internal, error } = request as ApiRequest;
      tell(request as ApiRequest, toldFault(error, internal.operation, deps) ?? new KinesisFault('InternalFailure'));
    },
  };
}

const isRefusal = ({ code }: KinesisFault): boolean => TOLD_REASONS.has(code) || UNTOLD_REASONS.has(code);

const refusal = ({ code, sentence }: KinesisFault) => ({
  event: 'refusal' as const,
  fault: code,
  ...(TOLD_REASONS.has(code) && sentence !== undefined && { reason: sentence.slice(0, MAX_LENGTH) }),
});

type Caller = Pick<TrailLine, 'accessKeyId' | 'principal' | 'resource' | 'sourceIp'>;

function callerOf(received: WireRequest, call: OperationCall | undefined, deps: Deps): Caller {
  const principal: Principal | undefined = call?.principal;
  const resource = call && resourceOf(call.input);
  const accessKeyId = principal?.accessKeyId ?? presentedKey(received);
  return {
    sourceIp: asViewed(received, deps.proxySecret).sourceIp,
    ...(principal && { principal: principal.arn }),
    ...(accessKeyId && { accessKeyId: accessKeyId.slice(0, MAX_LENGTH) }),
    ...(resource !== undefined && { resource }),
  };
}

function presentedKey(request: WireRequest): string | undefined {
  try {
    return presentedSignature(request).accessKeyId;
  } catch {
    // There is none that can be read: that is what the request is refused for.
    return undefined;
  }
}

/** As the request names it: to look for more would cost calls. */
function resourceOf(input: object): string | undefined {
  const named = input as Record<string, string | undefined>;
  const members = ['ConsumerARN', 'ResourceARN', 'StreamARN', 'StreamName'];
  return members.map((member) => named[member]).find((name) => name !== undefined);
}
