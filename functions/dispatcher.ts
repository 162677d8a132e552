import middy, { type MiddlewareObj, type PluginExecutionMode } from '@middy/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { authorize, authorizeAgain } from '../lib/authorization/authorize.ts';
import type { Configuration } from '../lib/configuration.ts';
import { createDeps, type Platform } from '../lib/create-deps.ts';
import type { Deps } from '../lib/deps.ts';
import { operations } from '../lib/operations/index.ts';
import { enforceCallRate } from '../lib/quotas/call-rate.ts';
import { faultLog } from './fault-log.ts';
import { subjectOf } from './middleware/call-line.ts';
import { type CallCounter, countCalls } from './middleware/count-calls.ts';
import type { GatewayResult, OperationCall } from './middleware/exchange.ts';
import { keepTrail } from './middleware/keep-trail.ts';
import { timeCalls } from './middleware/latency.ts';
import { type CallLog, logCalls } from './middleware/log-calls.ts';
import { observe } from './middleware/observe.ts';
import { wireRequest } from './middleware/wire-request.ts';
import { wireResponse } from './middleware/wire-response.ts';
import type { Observer } from './observer.ts';
import type { Trail } from './trail.ts';
import { UsageMeter } from './usage-meter.ts';

/** Turns a gateway's proxy event into its response. */
export type ApiHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<GatewayResult>;

/** Stands between a call that is allowed and its operation: it may refuse the call, delay it, or change its input and output. */
export type Intervene = (
  call: Pick<OperationCall, 'operation' | 'input'> & {
    /** Finds the stream that it is about. An iterator tells it encrypted. Undefined if it is about none. */
    readonly streamName: () => Promise<string | undefined>;
  },
  handle: (input: object) => Promise<object | undefined>,
) => Promise<object | undefined>;

/** What the dispatcher is built with, besides its configuration (docs/glossary.md). */
export type DispatcherPlatform = Pick<Platform, 'tables' | 'workflows'> & { readonly trail: Trail } & Partial<
    Platform & {
      readonly observer: Observer | undefined;
      /** Lines for people who watch a local server. */
      readonly callLog: CallLog | undefined;
      /** Counters for people who watch a local server. */
      readonly counter: CallCounter | undefined;
      /** Faults on demand. */
      readonly intervene: Intervene | undefined;
      /** How Middy runs: as a plain function, or as one that streams its responses. */
      readonly executionMode: PluginExecutionMode;
      /** Marks a handler for the Lambda runtime, as the execution mode requires. */
      readonly asInvoked: (handler: ApiHandler) => ApiHandler;
      /** The outermost middleware: it sees each response last. */
      readonly outermost: MiddlewareObj;
    }
  >;

/**
 * Without credentials the dispatcher allows everything to every caller. This must never happen only because the
 * platform lacks a secret that the configuration names.
 * @throws Error if a secret is missing
 */
function requireSecrets(configuration: Configuration, { credentials, proxySecret }: DispatcherPlatform): void {
  const named = configuration.credentialsSecret ?? configuration.credentialsFile;
  if (
    (named !== undefined && credentials === undefined) ||
    (configuration.proxySecret !== undefined && proxySecret === undefined)
  ) {
    throw new Error('the dispatcher is built without the secrets that its configuration names');
  }
}

/** Builds the dispatcher. The body shows, from top to bottom, what happens to a request. */
export function createDispatcher(configuration: Configuration, platform: DispatcherPlatform): ApiHandler {
  requireSecrets(configuration, platform);
  const { trail } = platform;
  const { observe: lines, streamMetrics } = configuration;
  const observer = lines && platform.observer;
  const usages = observer && new UsageMeter();
  const deps: Deps = createDeps(configuration, {
    tables: platform.tables,
    workflows: platform.workflows,
    log: platform.log ?? faultLog,
    credentials: platform.credentials,
    proxySecret: platform.proxySecret,
    meter: usages?.meter ?? platform.meter,
    countEvent: usages?.countEvent ?? platform.countEvent,
    pushed: platform.pushed,
    now: platform.now,
    signatureNow: platform.signatureNow,
  });
  const dispatcher = middy({ ...(platform.executionMode && { executionMode: platform.executionMode }) })
    .use(platform.outermost ?? [])
    .use(wireResponse(deps))
    .use(timeCalls)
    .use(observer && usages ? observe(deps, usages, observer, { lines, streamMetrics }) : [])
    .use(platform.callLog ? logCalls(deps, platform.callLog) : [])
    .use(platform.counter ? countCalls(deps, platform.counter) : [])
    .use(wireRequest(operations, deps))
    .use(keepTrail(trail, deps))
    .handler(async (event) => {
      const { operation, input, principal, recordRefusal } = event as OperationCall;
      await authorize(principal, operation, input, deps);
      await deps.requireUsable();
      enforceCallRate(operation, input, deps);
      const caller = {
        requireAllowed: () =>
          authorizeAgain(principal, operation, input, deps).catch((error: unknown) => {
            recordRefusal?.(error);
            throw error;
          }),
      };
      const handle = (given: object) => operation.handle(given as never, deps, caller);
      const streamName = async () => (await subjectOf({ operation, input }, deps)).streamName;
      return platform.intervene ? platform.intervene({ operation, input, streamName }, handle) : handle(input);
    });
  const handler = dispatcher as unknown as ApiHandler;
  if (usages === undefined) {
    return handler;
  }
  const counted = (...call: Parameters<ApiHandler>) => usages.run(() => handler(...call));
  return platform.asInvoked?.(counted) ?? counted;
}
