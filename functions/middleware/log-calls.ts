import type { MiddlewareObj } from '@middy/core';
import type { Deps } from '../../lib/deps.ts';
import { target } from '../../lib/protocol/target.ts';
import type { WireRequest } from '../../lib/protocol/wire-message.ts';
import type { CompletedCall } from '../observation.ts';
import { type CallLine, callLine, subjectOf } from './call-line.ts';
import type { ApiRequest, OperationCall } from './exchange.ts';
import { latencyMs } from './latency.ts';
import { wireFault } from './wire-fault.ts';

/** Receives a line for each call, or for those that failed. */
export interface CallLog {
  /** `faults`: only calls that failed, as a whole or for some records. */
  readonly of: 'requests' | 'faults';
  write(line: CallLine): void;
}

/** A name that a client has sent, if it can be one: a line must not hold any other text of a request that was refused. */
const sentOperation = (wire: WireRequest | undefined): { readonly name: string } => {
  const name = wire === undefined ? '' : target(wire).operation;
  return { name: /^[A-Za-z]{1,64}$/.test(name) ? name : '-' };
};

/** Writes a line for each call to a log for people. An error of the log is logged as a fault, and changes no response. */
export function logCalls(deps: Deps, log: CallLog): MiddlewareObj {
  const write = async ({ internal, event }: ApiRequest, output: object | undefined, fault: string | undefined) => {
    const { operation, input = {} } = event as Partial<OperationCall>;
    const named = operation ?? sentOperation(internal.wire);
    const call: CompletedCall = {
      operation: named,
      input,
      output,
      fault,
      latencyMs: latencyMs(internal),
      nowMs: deps.now(),
    };
    try {
      log.write(callLine(call, operation === undefined ? {} : await subjectOf(call, deps)));
    } catch (error) {
      deps.log.error('a line of a request could not be written', error);
    }
  };
  const hasFailed = (output: object | undefined) =>
    ((output as { readonly FailedRecordCount?: number } | undefined)?.FailedRecordCount ?? 0) > 0;
  return {
    // Not asynchronous: most requests need no line, and are not to wait for one.
    after(request) {
      const output = request.response as object | undefined;
      return log.of === 'requests' || hasFailed(output) ? write(request as ApiRequest, output, undefined) : undefined;
    },
    async onError(request) {
      const { internal, error } = request as ApiRequest;
      await write(
        request as ApiRequest,
        undefined,
        wireFault(error, internal.operation, deps)?.code ?? 'InternalFailure',
      );
    },
  };
}
