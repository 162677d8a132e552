import { readConfiguration } from '../../lib/configuration.ts';
import type { AnyInput, AnyOutput, TableClient } from '../../lib/store/table-client.ts';
import { openTables, type Tables } from '../../lib/store/tables.ts';
import type { LifecycleTask } from '../../lib/workflows/task.ts';
import { startServer } from '../../local/server.ts';
import { type LocalStore, openStore } from '../../local/store.ts';
import { random } from '../support/random.ts';
import { aheadAt, type ClockTurn } from './clock-schedule.ts';
import { EngineFaults, type FaultNote, type FaultOrders } from './engine-faults.ts';
import { FaultSchedule } from './fault-schedule.ts';

/** What an API process receives at its start. */
export interface ApiTask {
  readonly port: number;
  /** When the round began, epoch ms. */
  readonly startedMs: number;
  /** How its clock is wrong from then on. */
  readonly turns: readonly ClockTurn[];
  /**
   * The seed of the faults of its embedded engine, in this life. Undefined: its engine and its faults are elsewhere.
   */
  readonly faultSeed?: number;
}

/** What it receives later. */
export type ApiOrder =
  | { readonly order: 'execute'; readonly name: string; readonly task: LifecycleTask }
  | { readonly order: 'faults'; readonly faults: FaultOrders }
  /** A call to its engine that meets no faults. */
  | { readonly order: 'call'; readonly id: number; readonly method: keyof TableClient; readonly input: AnyInput };

/** What it reports. */
export type ApiNote =
  | FaultNote
  | { readonly note: 'ready' }
  | { readonly note: 'called'; readonly id: number; readonly output?: AnyOutput; readonly error?: string };

const { port, startedMs, turns, faultSeed }: ApiTask = JSON.parse(process.argv[2] as string);
const say = (note: ApiNote) => process.send?.(note);

/** The embedded engine, whose calls meet faults, and its tables without faults. */
interface Embedded {
  readonly store: LocalStore;
  readonly faults: EngineFaults;
  readonly faultless: Tables;
}

async function openEmbedded(seed: number): Promise<Embedded> {
  const faults = new EngineFaults(new FaultSchedule(random(seed)), say);
  const engine = Promise.withResolvers<TableClient>();
  const store = await openStore(process.env, (opened) => {
    engine.resolve(opened);
    return faults.through(opened);
  });
  return { store, faults, faultless: openTables(await engine.promise, readConfiguration(process.env)) };
}

async function answer({ id, method, input }: ApiOrder & { order: 'call' }, { client }: Tables): Promise<void> {
  const call = client[method].bind(client) as (input: AnyInput) => Promise<AnyOutput>;
  try {
    say({ note: 'called', id, output: await call(input) });
  } catch (error) {
    say({ note: 'called', id, error: String(error) });
  }
}

/** An API process of the torture test: the local server with a clock that is wrong. */
const embedded = faultSeed === undefined ? undefined : await openEmbedded(faultSeed);
const { executions } = await startServer({
  environment: process.env,
  port,
  host: '127.0.0.1',
  store: embedded?.store,
  now: () => {
    const nowMs = Date.now();
    return nowMs + aheadAt(turns, nowMs - startedMs);
  },
});
process.on('message', (order: ApiOrder) => {
  switch (order.order) {
    case 'execute':
      executions.start(order.name, order.task);
      break;
    case 'faults':
      if (embedded !== undefined) {
        embedded.faults.orders = order.faults;
      }
      break;
    case 'call':
      if (embedded !== undefined) {
        void answer(order, embedded.faultless);
      }
  }
});
say({ note: 'ready' });
process.on('disconnect', () => process.exit(0));
