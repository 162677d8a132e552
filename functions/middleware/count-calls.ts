import type { MiddlewareObj } from '@middy/core';
import type { Deps } from '../../lib/deps.ts';
import type { CompletedCall } from '../observation.ts';
import { type Subject, subjectOf } from './call-line.ts';
import type { ApiRequest, OperationCall } from './exchange.ts';
import { latencyMs } from './latency.ts';
import { wireFault } from './wire-fault.ts';

/** Counts what calls have done, for those who watch a server. */
export interface CallCounter {
  count(call: CompletedCall, subject: Subject): void;
}

/** Passes each call of an operation to a counter. No response waits for it, and an error of it is logged. */
export function countCalls(deps: Deps, counter: CallCounter): MiddlewareObj {
  const count = async ({ internal, event }: ApiRequest, output: object | undefined, fault: string | undefined) => {
    const { operation, input } = event as Partial<OperationCall>;
    if (operation === undefined || input === undefined) {
      return;
    }
    const call: CompletedCall = {
      operation,
      input,
      output,
      fault,
      latencyMs: latencyMs(internal),
      nowMs: deps.now(),
    };
    counter.count(call, await subjectOf(call, deps));
  };
  const counted = (...call: Parameters<typeof count>) => {
    count(...call).catch((error) => deps.log.error('a call could not be counted', error));
  };
  return {
    after(request) {
      counted(request as ApiRequest, request.response as object | undefined, undefined);
    },
    onError(request) {
      const { internal, error } = request as ApiRequest;
      counted(request as ApiRequest, undefined, wireFault(error, internal.operation, deps)?.code ?? 'InternalFailure');
    },
  };
}
