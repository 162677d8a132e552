import type { Limits } from '../lib/model/limits.ts';
import { Clock } from '../local/clock.ts';
import { requestLog } from '../local/request-log.ts';
import { type LocalServer, startServer } from '../local/server.ts';
import type { Faults } from './fault-rules.ts';
import { InjectedFaults } from './injected-faults.ts';

/** How a Rivulet is started. Everything has a default. */
export interface RivuletOptions {
  /** Streams that it has from its start, by name: a number of shards, or `on-demand`. They are ACTIVE when it has started. */
  readonly streams?: Readonly<Record<string, number | 'on-demand'>>;
  /** Default: any free port. */
  readonly port?: number;
  /** The address to listen on. Default: this machine only. */
  readonly host?: string;
  /** A folder that keeps the data. Default: memory. */
  readonly dataDir?: string;
  /** Whether the limits of Kinesis are enforced. Default: false. */
  readonly throttling?: boolean;
  /** Other limits, by name. */
  readonly limits?: Partial<Omit<Limits, 'throttling'>>;
  /** The one region that it has. Default: each region that a request is signed for has its own streams. */
  readonly region?: string;
  /** The account in ARNs. Default: 000000000000, and an access key id of 12 digits is an account of its own. */
  readonly accountId?: string;
  /** The least time that a stream stays CREATING, UPDATING or DELETING, ms by the clock. Default: 100. */
  readonly transitionMs?: number;
  /** Lines on standard output: for each request, for those that failed, or none. Default: `off`. */
  readonly log?: 'requests' | 'faults' | 'off';
  /** `held`: the clock stands still until it is turned. Default: `running`. */
  readonly clock?: 'held' | 'running';
  /** Faults that are drawn are the same for the same seed. Default: 1. */
  readonly seed?: number;
  /** Any other setting of docs/configuration.md, by the name of its variable. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What the constructor of an AWS client takes. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The clock of a Rivulet. Retention, iterators, tokens, transitions, subscriptions and limits follow it. */
export interface RivuletClock {
  /** Epoch ms. */
  now(): number;
  /** Stops it: from now on, only `advance` moves it. */
  hold(): void;
  /** Lets it run again, from the time that it shows. */
  run(): void;
  /** Moves it ahead, held or not: `500ms`, `30s`, `10m`, `25h`, `7d`, or ms. @throws Error for anything else */
  advance(duration: string | number): void;
}

/** A Rivulet that runs in this process. */
export interface Rivulet extends AsyncDisposable {
  /** Its URL, for any Kinesis client. */
  readonly endpoint: string;
  /** The region of requests that name none; that of `client`. */
  readonly region: string;
  readonly accountId: string;
  readonly clock: RivuletClock;
  readonly faults: Faults;
  /** What an AWS client is constructed with: `new KinesisClient(rivulet.client())`. */
  client(): ClientOptions;
  /** Removes all streams, records and faults, and sets the clock to real time. It has the streams of its start again. */
  reset(): Promise<void>;
  /** Answers the requests in flight, then ends. */
  close(): Promise<void>;
}

/**
 * Starts a Rivulet in this process, on a port of its own. Many may run at once. It changes nothing of `process.env`, and reads
 * none of its own settings from there.
 * @throws Error with a sentence that names the option and what is wrong with it
 */
export async function startRivulet(options: RivuletOptions = {}): Promise<Rivulet> {
  const { clock: mode = 'running', seed = 1, log = 'off', port = 0, host } = options;
  const clock = new Clock();
  clock.reset(mode === 'held');
  const faults = new InjectedFaults(seed, options.accountId ?? '000000000000');
  const server = await startServer({
    environment: environmentOf(options),
    port,
    ...(host !== undefined && { host }),
    clock,
    intervene: faults.intervene,
    callLog: requestLog(log),
    trail: { write: () => {} },
  });
  return {
    endpoint: server.endpoint,
    region: server.home.region,
    accountId: server.home.accountId,
    clock,
    faults,
    client: () => clientOptions(server),
    async reset() {
      faults.clear();
      clock.reset(mode === 'held');
      await server.reset();
    },
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  };
}

const clientOptions = ({ endpoint, home }: LocalServer): ClientOptions => ({
  endpoint,
  region: home.region,
  // Without access keys, any do.
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
});

function environmentOf({
  streams = {},
  settings,
  dataDir,
  throttling,
  limits,
  region,
  accountId,
  transitionMs,
}: RivuletOptions): Record<string, string> {
  const list = Object.entries(streams).map(([name, shards]) => `${name}:${shards}`);
  return {
    ...settings,
    STREAMS: list.join(','),
    ...(dataDir !== undefined && { DATA_DIR: dataDir }),
    ...(throttling !== undefined && { THROTTLING: throttling ? 'on' : 'off' }),
    ...(limits !== undefined && { LIMITS: JSON.stringify(limits) }),
    ...(region !== undefined && { REGION: region }),
    ...(accountId !== undefined && { ACCOUNT_ID: accountId }),
    ...(transitionMs !== undefined && { TRANSITION_MS: String(transitionMs) }),
  };
}
