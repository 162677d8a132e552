import type { Intervene } from '../functions/dispatcher.ts';
import { faultLog } from '../functions/fault-log.ts';
import type { CallLog } from '../functions/middleware/log-calls.ts';
import type { Observer } from '../functions/observer.ts';
import { loggedTrail, type Trail } from '../functions/trail.ts';
import { type Configuration, type Environment, readConfiguration } from '../lib/configuration.ts';
import type { Platform } from '../lib/create-deps.ts';
import type { FaultLog } from '../lib/deps.ts';
import type { Account } from '../lib/model/stream.ts';
import { memoized } from '../lib/runtime/memoized.ts';
import type { CapacityMeter } from '../lib/store/tables.ts';
import { BrowserGuard } from './browser-guard.ts';
import { localCertificate } from './certificate.ts';
import { Clock } from './clock.ts';
import { credentialsFile, requireCredentialsFile } from './credentials-file.ts';
import { DataFolder } from './data-folder.ts';
import type { Executions, Settle } from './executions.ts';
import { gateway } from './gateway.ts';
import { withHealth } from './health.ts';
import { HttpServer } from './http-server.ts';
import { INTAKE_LIMITS, Intake } from './intake.ts';
import { Region, type SharedPlatform } from './region.ts';
import { Regions, regionKey } from './regions.ts';
import { ResettableRegions } from './resettable-regions.ts';
import { type LocalStore, openStore } from './store.ts';
import { parseStreamsAtStart } from './streams-at-start.ts';
import { TrafficCounters } from './traffic.ts';
import { withTraffic } from './traffic-answer.ts';

export interface ServerOptions {
  /** The variables that configure the deployed functions, and those that only mean something here. */
  readonly environment?: Environment;
  /** 0: any free port. */
  readonly port: number;
  readonly host?: string;
  /** The store of the home region, which the caller opens and closes. Undefined: the store that the environment names. */
  readonly store?: LocalStore | undefined;
  readonly meter?: CapacityMeter;
  readonly log?: FaultLog;
  readonly observer?: Observer;
  /** Receives the trail. Default: structured lines. */
  readonly trail?: Trail;
  /** Receives a line for each request, or for those that failed. */
  readonly callLog?: CallLog | undefined;
  /** Stands between calls and their operations. */
  readonly intervene?: Intervene;
  /** The handlers' clock, epoch ms. Signatures are checked with it too. */
  readonly now?: () => number;
  /** A clock that tests turn, instead of `now`. Signatures are checked with the machine's clock. */
  readonly clock?: Clock;
  /** Whether to count what streams get and give, and to tell it at `/traffic`. Never told where access keys are configured. */
  readonly countsTraffic?: boolean;
  /** What transitions wait for before their first step; undefined: their time, by the clock. */
  readonly settle?: Settle | undefined;
}

/** A whole Rivulet in this process. */
export interface LocalServer {
  readonly endpoint: string;
  /** Where the data lives, for people to read. */
  readonly data: string;
  /** The environment that the functions of the home region run with. */
  readonly environment: Environment;
  /** The account and region of requests that name none. */
  readonly home: Account;
  /** What the home region keeps its data in: another server of this process may share it. */
  readonly store: LocalStore;
  /** The executions of the home region. */
  readonly executions: Executions;
  /** Removes all streams and their data, of every region; then it has the streams of its start. */
  reset(): Promise<void>;
  /** Answers the requests in flight, then ends everything that was started. */
  close(): Promise<void>;
}

/** What CDK sets when deployed. Emulators are expected to let through whatever a test sends, so limits are off here. */
const LOCAL_ENVIRONMENT = {
  ACCOUNT_ID: '000000000000',
  STREAMS_TABLE: 'rivulet-streams',
  RECORDS_TABLE: 'rivulet-records',
  THROTTLING: 'off',
  STREAMING: 'on',
};

const DEFAULT_REGION = 'us-east-1';

/** No units are paid for in the embedded engine: compression only has to save memory, or the disk. */
const EMBEDDED_ENVIRONMENT = { COMPRESS_ABOVE: String(64 * 1024) };

/**
 * Runs Rivulet on this machine, in this process: the Lambda handlers unchanged, with an engine, an interpreter for the state
 * machine and an HTTP server in the places of DynamoDB, Step Functions and API Gateway. It has a region of its own for each
 * account and region that requests are signed for.
 */
export async function startServer(options: ServerOptions): Promise<LocalServer> {
  const given = definedOnly(options.environment ?? {});
  const environment = {
    ...LOCAL_ENVIRONMENT,
    ...(given.DYNAMODB_ENDPOINT === undefined && EMBEDDED_ENVIRONMENT),
    ...given,
  };
  const endings: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const end of endings.splice(0).reverse()) {
      await end();
    }
  };
  try {
    const home = { accountId: environment.ACCOUNT_ID, region: given.REGION ?? DEFAULT_REGION };
    const configuration = readConfiguration({ ...environment, AWS_REGION: home.region });
    const folder =
      given.DATA_DIR === undefined ? undefined : new DataFolder(given.DATA_DIR, home, earlierHome(home, given));
    const guard = browserGuard(environment);
    const opening = { given, environment, home, configuration, folder };
    const regions = new ResettableRegions(await createRegions(options, opening), home, folder);
    endings.push(() => regions.close());
    // Errors of the store are reported at start.
    await regions.open();
    const certificate = memoized(() => localCertificate(environment));
    if (given.TLS_CERT !== undefined || given.TLS_KEY !== undefined) {
      // An unusable certificate is reported at start, not to the first client.
      await certificate();
    }
    const listener = gateway(regions.handler, configuration.limits.bodyBytes, new Intake(INTAKE_LIMITS), {
      closing: () => regions.closing,
      guard,
    });
    const counted =
      options.countsTraffic && guard
        ? withTraffic(listener, guard, {
            names: () => regions.namesOf(home.accountId),
            // A server with one region takes every request for it.
            ofRegion: (region) => regions.known(given.REGION === undefined ? { ...home, region } : home)?.traffic,
          })
        : listener;
    let isReady = true;
    const server = new HttpServer(
      withHealth(counted, async () => isReady && canRead(await regions.home.open())),
      certificate,
    );
    const port = await server.listen(options.port, options.host);
    endings.push(() => server.close());
    endings.push(() => regions.endStreaming());
    endings.push(() => {
      isReady = false;
    });
    const store = await regions.home.open();
    return {
      endpoint: `http://localhost:${port}`,
      data: given.DATA_DIR ?? store.data,
      environment: { ...environment, AWS_REGION: home.region },
      home,
      store,
      executions: regions.home.executions,
      close,
      async reset() {
        if (options.store !== undefined || given.DYNAMODB_ENDPOINT !== undefined) {
          throw new Error('only a server with the embedded engine can be reset: others may use these tables too');
        }
        await regions.reset();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Opening {
  readonly given: Environment;
  readonly environment: Environment;
  readonly home: Account;
  readonly configuration: Configuration;
  readonly folder: DataFolder | undefined;
}

async function createRegions(options: ServerOptions, opening: Opening): Promise<Regions> {
  const { given, environment, home, configuration, folder } = opening;
  const clock = options.clock ?? new Clock();
  const platform: SharedPlatform = {
    log: options.log ?? faultLog,
    meter: options.meter,
    now: options.now ?? clock.now,
    signatureNow: options.now ?? Date.now,
    settle: options.settle ?? clock.until,
    ...(await localSecrets(configuration)),
    trail: options.trail ?? loggedTrail(),
    callLog: options.callLog,
    intervene: options.intervene,
    observer: options.observer ?? (await localObserver(configuration)),
  };
  const streams = parseStreamsAtStart(given.STREAMS ?? '');
  return new Regions({
    home,
    // Access keys that are configured belong to one account.
    pinned: { region: given.REGION !== undefined, accountId: given.ACCOUNT_ID !== undefined || !isOpen(given) },
    createRegion(account, open) {
      const own = regionEnvironment(environment, account, home, folder);
      const { store } = options;
      const openOwn = async () =>
        store !== undefined && account === home ? { ...store, close: () => {} } : openStore(own);
      return new Region({
        environment: own,
        platform,
        traffic: options.countsTraffic && isOpen(environment) ? new TrafficCounters() : undefined,
        streams,
        openStore: () => open(openOwn),
      });
    },
  });
}

/** Whose data a folder of an earlier version has: it took the shell's region for its own. */
const earlierHome = (home: Account, { REGION, AWS_REGION }: Environment): Account => ({
  ...home,
  region: REGION ?? AWS_REGION ?? home.region,
});

/** The environment of one region's functions. */
function regionEnvironment(
  environment: Environment,
  account: Account,
  home: Account,
  folder: DataFolder | undefined,
): Environment {
  // Only tables of an engine that this process does not own can be met by another region.
  const isSuffixed = environment.DYNAMODB_ENDPOINT !== undefined && regionKey(account) !== regionKey(home);
  const suffix = isSuffixed ? `-${regionKey(account)}` : '';
  return {
    ...environment,
    ACCOUNT_ID: account.accountId,
    AWS_REGION: account.region,
    STREAMS_TABLE: `${environment.STREAMS_TABLE}${suffix}`,
    RECORDS_TABLE: `${environment.RECORDS_TABLE}${suffix}`,
    ...(folder && { DATA_DIR: folder.folderOf(account) }),
  };
}

/** Whether a store answers: any item is asked for. */
async function canRead({ tables }: LocalStore): Promise<boolean> {
  await tables.client.get({ TableName: tables.streams, Key: { pk: 'health', sk: 'health' } });
  return true;
}

/** The credentials of the configuration's file. AWS' clients are loaded only where it names what AWS keeps. */
async function localSecrets(configuration: Configuration): Promise<Pick<Platform, 'credentials' | 'proxySecret'>> {
  const file = configuration.credentialsFile;
  if (file !== undefined) {
    await requireCredentialsFile(file);
  }
  const credentials = file === undefined ? undefined : credentialsFile(file);
  if (configuration.credentialsSecret === undefined && configuration.proxySecret === undefined) {
    return { credentials };
  }
  const { storedSecrets } = await import('../functions/stored-secrets.ts');
  const stored = storedSecrets(configuration);
  return { ...stored, credentials: stored.credentials ?? credentials };
}

/** A line and metrics for each request, where the configuration asks for them. */
async function localObserver({ observe }: Configuration): Promise<Observer | undefined> {
  return observe ? (await import('../functions/observer.ts')).cloudWatchObserver() : undefined;
}

/** Whether everybody is let in: no access keys are configured. */
export const isOpen = ({ CREDENTIALS_FILE, CREDENTIALS_SECRET }: Environment): boolean =>
  !CREDENTIALS_FILE && !CREDENTIALS_SECRET;

/** Where keys are configured, no page has one to sign with. */
const browserGuard = (environment: Environment): BrowserGuard | undefined =>
  isOpen(environment) ? new BrowserGuard((environment.ALLOWED_ORIGINS ?? '').split(',').filter(Boolean)) : undefined;

/** Variables that are set to nothing count as not set. */
function definedOnly(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
}
