import type { MiddlewareObj } from '@middy/core';
import type { Deps } from '../../lib/deps.ts';
import { shardId } from '../../lib/model/shard.ts';
import { parseShardIterator } from '../../lib/model/shard-iterator.ts';
import type { Stream } from '../../lib/model/stream.ts';
import { type AnsweredCall, recordCount, shardMetrics, streamMetrics } from '../observation.ts';
import type { Observer } from '../observer.ts';
import type { UsageMeter } from '../usage-meter.ts';
import type { ApiRequest, OperationCall } from './exchange.ts';
import { toldFault } from './told-fault.ts';

/**
 * Tells the observer of every answered call of an operation: its metrics, and one line for the log. What goes wrong with that
 * is logged, and changes no answer.
 */
export function observe(deps: Deps, usages: UsageMeter, observer: Observer): MiddlewareObj {
  const begunMs = new WeakMap<object, number>();
  const tell = async (request: ApiRequest, output: object | undefined, fault: string | undefined) => {
    const { internal, event } = request;
    const call = event as Partial<OperationCall>;
    if (internal.ids === undefined || call.operation === undefined || call.input === undefined) {
      // What is no call of an operation concerns no stream.
      return;
    }
    const { operation, input } = call;
    const latencyMs = performance.now() - (begunMs.get(internal) ?? performance.now());
    const answered = { operation, input, output, fault, latencyMs, nowMs: deps.now() };
    try {
      const subject = await subjectOf(answered, deps);
      observer.log({ requestId: internal.ids.requestId, ...line(answered, subject), dynamodb: usages.current });
      tellMetrics(answered, subject, await streamOf(subject, deps), observer);
    } catch (error) {
      deps.log.error('a request could not be observed', error);
    }
  };
  return {
    before(request) {
      begunMs.set(request.internal, performance.now());
    },
    after: (request) => tell(request as ApiRequest, request.response as object | undefined, undefined),
    onError(request) {
      const { internal, error } = request as ApiRequest;
      return tell(
        request as ApiRequest,
        undefined,
        toldFault(error, internal.operation, deps)?.code ?? 'InternalFailure',
      );
    },
  };
}

/** The stream that a call is about, and the shard that it reads. */
interface Subject {
  readonly streamName?: string | undefined;
  readonly readShard?: string;
}

async function subjectOf({ operation, input }: AnsweredCall, deps: Deps): Promise<Subject> {
  const { StreamName, StreamARN, ResourceARN, ConsumerARN, ShardIterator } = input as Record<
    string,
    string | undefined
  >;
  if (operation.name === 'GetRecords') {
    const iterator = parseShardIterator(await deps.seal(), ShardIterator ?? '');
    return iterator === undefined ? {} : { streamName: iterator.streamName, readShard: shardId(iterator.shardIndex) };
  }
  const arn = StreamARN ?? ResourceARN ?? ConsumerARN ?? '';
  return { streamName: StreamName ?? /:stream\/([^/]+)/.exec(arn)?.[1] };
}

/** Metrics of names that no stream has would cost money, and anybody could make them. */
async function streamOf({ streamName }: Subject, deps: Deps): Promise<Stream | undefined> {
  return streamName === undefined ? undefined : (await deps.catalog.get(streamName))?.stream;
}

function line(call: AnsweredCall, { streamName }: Subject): object {
  const records = recordCount(call);
  return {
    operation: call.operation.name,
    ...(streamName !== undefined && { stream: streamName }),
    ...(records !== undefined && { records }),
    ...(call.fault !== undefined && { fault: call.fault }),
    latencyMs: Math.round(call.latencyMs),
  };
}

function tellMetrics(call: AnsweredCall, { readShard }: Subject, stream: Stream | undefined, observer: Observer): void {
  if (call.fault === 'InternalFailure') {
    observer.metrics({}, [{ name: 'InternalFailures', unit: 'Count', value: 1 }]);
  }
  if (stream === undefined) {
    return;
  }
  const StreamName = stream.name;
  const values = streamMetrics(call);
  if (values.length > 0) {
    observer.metrics({ StreamName }, values);
  }
  const wanted: readonly string[] = stream.shardLevelMetrics;
  for (const [ShardId, traffic] of wanted.length > 0 ? shardMetrics(call, readShard) : []) {
    observer.metrics(
      { StreamName, ShardId },
      traffic.filter(({ name }) => wanted.includes(name)),
    );
  }
}
