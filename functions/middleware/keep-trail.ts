import type { MiddlewareObj } from '@middy/core';
import type { Principal } from '../../lib/authorization/authorize.ts';
import type { Deps } from '../../lib/deps.ts';
import { internalFailure, KinesisFault } from '../../lib/faults.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { presentedSignature } from '../../lib/protocol/authorization.ts';
import { target } from '../../lib/protocol/target.ts';
import type { WireRequest } from '../../lib/protocol/wire-message.ts';
import type { Trail, TrailLine } from '../trail.ts';
import type { ApiRequest, OperationCall } from './exchange.ts';
import { wireFault } from './wire-fault.ts';

/** The most characters of what anybody may have made up. */
const MAX_LENGTH = 512;

/** What an access key's id looks like: who has mistaken the secret for it must not find that in a log. */
const KEY_ID = /^[A-Z0-9]{16,128}$/;

/**
 * Who is refused by these is told why in words that repeat nothing of the request but names and times. The sentences of the
 * others repeat headers, in which there may be a secret.
 */
const QUOTED_REASONS: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
]);

const WITHHELD_REASONS: ReadonlySet<string> = new Set([
  'IncompleteSignatureException',
  'MissingAuthenticationTokenException',
]);

/** Everything that changes nothing but records: whatever comes to it is a change, until it is named here. */
const isChange = (operation: string): boolean =>
  !/^(Get|List|Describe)/.test(operation) && !['PutRecord', 'PutRecords', 'SubscribeToShard'].includes(operation);

/** Writes a line for each change of the control plane, and for each request that was refused. */
export function keepTrail(trail: Trail, deps: Deps): MiddlewareObj {
  const tell = ({ internal, event }: Pick<ApiRequest, 'internal' | 'event'>, fault: KinesisFault | undefined) => {
    const { ids, wire, operation } = internal;
    const what = trailEvent(operation, fault);
    if (ids === undefined || wire === undefined || what === undefined) {
      return;
    }
    try {
      const name = operation?.name ?? target(wire).operation.slice(0, MAX_LENGTH);
      const caller = callerOf(wire, operation && (event as OperationCall));
      trail.write({
        event: what,
        requestId: ids.requestId,
        operation: name,
        ...caller,
        ...(fault && outcomeOf(fault)),
      });
    } catch (error) {
      deps.log.error('a line of the trail could not be written', error);
    }
  };
  return {
    before(request) {
      const { internal, event } = request as ApiRequest;
      const call = event as OperationCall;
      if (call.operation.streams) {
        const recordRefusal = (error: unknown) => {
          if (error instanceof KinesisFault) {
            tell({ internal, event }, error);
          }
        };
        request.event = { ...call, recordRefusal };
      }
    },
    after: (request) => tell(request as ApiRequest, undefined),
    onError(request) {
      const { internal, error } = request as ApiRequest;
      tell(request as ApiRequest, wireFault(error, internal.operation, deps) ?? internalFailure());
    },
  };
}

/** @returns undefined for what leaves no line */
function trailEvent(operation: Operation | undefined, fault: KinesisFault | undefined): TrailLine['event'] | undefined {
  if (fault !== undefined && isRefusal(fault)) {
    return 'refusal';
  }
  return operation !== undefined && isChange(operation.name) ? 'change' : undefined;
}

/** What is no call at all, as anybody's browser or scanner may send it, is refused to nobody in particular. */
const isRefusal = ({ code, form }: KinesisFault): boolean =>
  form !== 'xml' && (QUOTED_REASONS.has(code) || WITHHELD_REASONS.has(code));

const outcomeOf = ({ code, sentence }: KinesisFault) => ({
  fault: code,
  ...(QUOTED_REASONS.has(code) && sentence !== undefined && { reason: sentence.slice(0, MAX_LENGTH) }),
});

type Caller = Pick<TrailLine, 'accessKeyId' | 'principal' | 'resource' | 'sourceIp'>;

function callerOf(wire: WireRequest, call: OperationCall | undefined): Caller {
  const principal: Principal | undefined = call?.principal;
  const resource = call && resourceOf(call.input);
  const accessKeyId = principal?.accessKeyId ?? presentedKey(wire);
  return {
    sourceIp: wire.sourceIp,
    ...(principal && { principal: principal.arn }),
    ...(accessKeyId && { accessKeyId }),
    ...(resource !== undefined && { resource }),
  };
}

function presentedKey(request: WireRequest): string | undefined {
  try {
    const { accessKeyId } = presentedSignature(request);
    return KEY_ID.test(accessKeyId) ? accessKeyId : undefined;
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
