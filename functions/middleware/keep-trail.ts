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

/** The most characters of a value that a client can choose. */
const MAX_LENGTH = 512;

/** The form of an access key id. If a client sends its secret instead, the secret must not get into a log. */
const KEY_ID = /^[A-Z0-9]{16,128}$/;

/**
 * The messages of these faults repeat only names and times of the request, so the trail has them. The messages of the
 * other faults repeat headers, which may contain a secret.
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

/**
 * Every operation is a change, except reads, puts and subscriptions. A new operation is one too, until it is listed
 * here.
 */
const isChange = (operation: string): boolean =>
  !/^(Get|List|Describe)/.test(operation) && !['PutRecord', 'PutRecords', 'SubscribeToShard'].includes(operation);

/**
 * Writes one trail line for each control-plane change, failed ones included, and for each request that was refused.
 */
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

/** @returns undefined if the request gets no line */
function trailEvent(operation: Operation | undefined, fault: KinesisFault | undefined): TrailLine['event'] | undefined {
  if (fault !== undefined && isRefusal(fault)) {
    return 'refusal';
  }
  return operation !== undefined && isChange(operation.name) ? 'change' : undefined;
}

/** A request that is not a Kinesis call, as browsers and scanners send them, does not count as a refusal. */
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
    // The signature cannot be read. The request is refused for that reason.
    return undefined;
  }
}

/** The resource as the request names it. Looking up more would cost calls. */
function resourceOf(input: object): string | undefined {
  const named = input as Record<string, string | undefined>;
  const members = ['ConsumerARN', 'ResourceARN', 'StreamARN', 'StreamName'];
  return members.map((member) => named[member]).find((name) => name !== undefined);
}
