import { type ApiHandler, createDispatcher, type DispatcherPlatform } from '../functions/dispatcher.ts';
import { createWorkflowStep } from '../functions/workflow.ts';
import lifecycle from '../infra/lifecycle.asl.json' with { type: 'json' };
import { type Configuration, type Environment, readConfiguration } from '../lib/configuration.ts';
import type { FaultLog } from '../lib/deps.ts';
import { memoized } from '../lib/runtime/memoized.ts';
import type { BodyStore } from '../lib/store/body-store.ts';
import { CALL_NAMES, type TableClient } from '../lib/store/table-client.ts';
import type { CapacityMeter, Tables } from '../lib/store/tables.ts';
import { freeingDeleted } from './deleted-streams.ts';
import { Executions, localWorkflows, type Settle } from './executions.ts';
import { sweepExpiredItems } from './expired-items.ts';
import { restartRuns } from './restart-runs.ts';
import type { LocalStore } from './store.ts';
import { createStreamsAtStart, type StreamAtStart } from './streams-at-start.ts';
import type { TrafficCounters } from './traffic.ts';

/** What all regions of a server have in common. */
export interface SharedPlatform extends Omit<DispatcherPlatform, 'tables' | 'workflows'> {
  readonly log: FaultLog;
  readonly now: () => number;
  readonly settle: Settle | undefined;
}

export interface RegionOptions {
  /** The environment of its functions: region, account and tables are its own. */
  readonly environment: Environment;
  readonly platform: SharedPlatform;
  /** Counts what it does. Undefined: nothing is counted. */
  readonly traffic?: TrafficCounters | undefined;
  /** The streams that it has from its start. */
  readonly streams: readonly StreamAtStart[];
  /** Opens what it keeps its data in. Called at most once at a time, with the first call that needs data. */
  readonly openStore: () => Promise<LocalStore>;
}

/**
 * One region of one account: its own streams, tables and executions. Its store is opened with the first request that needs it, so a
 * request that is refused for its signature makes none.
 */
export class Region {
  readonly handler: ApiHandler;
  readonly executions: Executions;
  readonly traffic: TrafficCounters | undefined;
  readonly #options: RegionOptions;
  readonly #endings: (() => Promise<void> | void)[] = [];
  #store: LocalStore | undefined;

  constructor(options: RegionOptions) {
    this.#options = options;
    this.traffic = options.traffic;
    const { environment, platform } = options;
    const configuration = readConfiguration(environment);
    const tables = openedLater(this.open, configuration);
    const step = createWorkflowStep(configuration, { ...platform, tables });
    const freeing = freeingDeleted(
      step,
      () => this.open(),
      (error) => platform.log.error('what a deleted stream holds could not be freed', error),
    );
    this.#endings.push(freeing.end);
    this.executions = new Executions(lifecycle, {
      step: freeing.step,
      onFailure: (error) => platform.log.error('a lifecycle execution failed', error),
      settle: platform.settle,
    });
    this.#endings.push(() => this.executions.abort());
    const workflows = localWorkflows(this.executions, platform.now);
    const counting = this.traffic && countingBy(this.traffic, platform);
    this.handler = createDispatcher(configuration, { ...platform, ...counting, tables, workflows });
  }

  /** What it keeps its data in, once it is open. */
  get store(): LocalStore | undefined {
    return this.#store;
  }

  /** Opens the store, continues what the last process left unfinished, and creates the streams that are not there. */
  readonly open = memoized(async (): Promise<LocalStore> => {
    const { environment, platform, streams, openStore } = this.#options;
    const { log, now } = platform;
    const store = await openStore();
    try {
      const workflows = localWorkflows(this.executions, now);
      await restartRuns(workflows, store.tables);
      await createStreamsAtStart(streams, { environment, tables: store.tables, log, now });
    } catch (error) {
      store.close();
      throw error;
    }
    this.#endings.unshift(() => store.close());
    this.#endings.push(
      sweepExpiredItems(store.tables, now, (error) => log.error('expired items could not be removed', error)),
    );
    this.#store = store;
    return store;
  });

  /** Ends its executions, and closes its store. */
  async close(): Promise<void> {
    for (const end of this.#endings.splice(0).reverse()) {
      await end();
    }
  }
}

/** What tells a region's counters of its calls. */
const countingBy = (traffic: TrafficCounters, { meter }: SharedPlatform) => ({
  counter: traffic,
  pushed: traffic.pushed,
  meter: ((...call) => {
    meter?.(...call);
    traffic.meter(...call);
  }) satisfies CapacityMeter,
});

/** Tables that are opened by the first call. */
function openedLater(open: () => Promise<LocalStore>, configuration: Configuration): Tables {
  let client: TableClient | undefined;
  const opened = async () => {
    client = (await open()).tables.client;
    return client;
  };
  const methods = Object.keys(CALL_NAMES).map((name) => {
    const method = name as keyof TableClient;
    const call = (input: never) =>
      client === undefined ? opened().then((ready) => ready[method](input)) : client[method](input);
    return [method, call];
  });
  return {
    client: Object.fromEntries(methods) as TableClient,
    streams: configuration.streamsTable,
    records: configuration.recordsTable,
    bodies: bodiesLater(configuration),
  };
}

/** The bucket for bodies, if one is configured. AWS' client is loaded only where it is used. */
function bodiesLater(configuration: Configuration): BodyStore | undefined {
  const { bodies } = configuration;
  if (bodies === undefined) {
    return undefined;
  }
  const opened = memoized(async () => {
    const { openS3Bodies } = await import('../lib/store/s3-bodies.ts');
    return openS3Bodies(configuration, bodies);
  });
  return {
    aboveBytes: bodies.aboveBytes,
    put: async (key, bytes) => (await opened()).put(key, bytes),
    get: async (key) => (await opened()).get(key),
    copy: async (from, to) => (await opened()).copy(from, to),
  };
}
