import type { MiddlewareObj } from '@middy/core';
import type { Observation } from '../../lib/configuration.ts';
import type { Deps } from '../../lib/deps.ts';
import { ImitatedFailure } from '../../lib/faults.ts';
import type { Stream } from '../../lib/model/stream.ts';
import { CallChoice, type Counts } from '../call-choice.ts';
import { FAILURES_METRIC, SLOW_METRIC, THROTTLES_METRIC } from '../metric-names.ts';
import { type CompletedCall, type MetricValue, shardMetrics, streamMetrics } from '../observation.ts';
import type { Observer } from '../observer.ts';
import type { UsageMeter } from '../usage-meter.ts';
import { callLine, type Subject, subjectOf } from './call-line.ts';
import type { ApiRequest, OperationCall } from './exchange.ts';
import { latencyMs } from './latency.ts';
import { wireFault } from './wire-fault.ts';

/** What an owner has chosen to observe. */
export interface Chosen {
  readonly lines: Observation;
  /** The streams that have metrics, by name; `*`: every stream. */
  readonly streamMetrics: readonly string[];
}

/**
 * Reports calls of operations to the observer: metrics of the chosen streams, and a log line for the chosen calls. An error of
 * the observer is logged, and changes no response.
 */
export function observe(deps: Deps, usages: UsageMeter, observer: Observer, chosen: Chosen): MiddlewareObj {
  const choice = new CallChoice(chosen.lines);
  const tell = async (request: ApiRequest, output: object | undefined, fault: string | undefined) => {
    const { internal, event } = request;
    const call = event as Partial<OperationCall>;
    if (internal.ids === undefined || call.operation === undefined || call.input === undefined) {
      // A request that calls no operation concerns no stream.
      return;
    }
    const { operation, input } = call;
    const answered = { operation, input, output, fault, latencyMs: latencyMs(internal), nowMs: deps.now() };
    try {
      const subject = await subjectOf(answered, deps);
      const line = choice.choose(answered);
      if (line !== undefined) {
        tellLine(internal.ids.requestId, answered, subject, line.untold);
        tellTotals(line.all, observer);
      }
      tellMetrics(answered, subject, streamOf(subject, deps), observer, chosen.streamMetrics);
    } catch (error) {
      deps.log.error('a request could not be observed', error);
    }
  };
  const tellLine = (requestId: string, call: CompletedCall, subject: Subject, untold: number) => {
    const { objectCalls, ...dynamodb } = usages.current ?? { objectCalls: undefined };
    observer.log({
      requestId,
      ...callLine(call, subject),
      ...(untold > 0 && { untold }),
      dynamodb,
      ...(objectCalls !== undefined && { objectCalls }),
    });
  };
  return {
    after: (request) => tell(request as ApiRequest, request.response as object | undefined, undefined),
    onError(request) {
      const { internal, error } = request as ApiRequest;
      const fault = wireFault(error, internal.operation, deps)?.code ?? 'InternalFailure';
      if (fault === 'InternalFailure' && !(error instanceof ImitatedFailure)) {
        // An alarm depends on this metric. So it comes first, and needs nothing else to be known.
        observer.metrics({}, [{ name: FAILURES_METRIC, unit: 'Count', value: 1 }]);
      }
      return tell(request as ApiRequest, undefined, fault);
    },
  };
}

/** Publishes counts without dimensions: names of streams cannot raise the bill. */
function tellTotals({ throttled, slow }: Counts, observer: Observer): void {
  const totals: MetricValue[] = [
    { name: SLOW_METRIC, unit: 'Count', value: slow },
    { name: THROTTLES_METRIC, unit: 'Count', value: throttled },
  ];
  const counted = totals.filter(({ value }) => value > 0);
  if (counted.length > 0) {
    observer.metrics({}, counted);
  }
}

/**
 * Returns the stream as this process last read it: reading it again would delay the response. It is undefined for a
 * name without a stream. Metrics for such names would cost money, and any client can invent them.
 */
const streamOf = ({ streamName }: Subject, deps: Deps): Stream | undefined =>
  streamName === undefined ? undefined : deps.catalog.lastSeen(streamName);

function tellMetrics(
  call: CompletedCall,
  { readShard }: Subject,
  stream: Stream | undefined,
  observer: Observer,
  streamsWithMetrics: readonly string[],
): void {
  if (stream === undefined) {
    return;
  }
  const StreamName = stream.name;
  const tell = (dimensions: Record<string, string>, values: readonly MetricValue[]) => {
    if (values.length > 0) {
      observer.metrics(dimensions, values);
    }
  };
  if (streamsWithMetrics.includes(StreamName) || streamsWithMetrics.includes('*')) {
    tell({ StreamName }, streamMetrics(call));
  }
  const wanted: readonly string[] = stream.shardLevelMetrics;
  for (const [ShardId, values] of wanted.length > 0 ? shardMetrics(call, readShard) : []) {
    tell(
      { StreamName, ShardId },
      values.filter(({ name }) => wanted.includes(name)),
    );
  }
}
