import { setMaxListeners } from 'node:events';
import { createDispatcher } from '../functions/dispatcher.ts';
import { faultLog } from '../functions/fault-log.ts';
import type { Observer } from '../functions/observer.ts';
import { loggedTrail, type Trail } from '../functions/trail.ts';
import { createWorkflowStep } from '../functions/workflow.ts';
import lifecycle from '../infra/lifecycle.asl.json' with { type: 'json' };
import { type Configuration, type Environment, readConfiguration } from '../lib/configuration.ts';
import type { Platform } from '../lib/create-deps.ts';
import type { FaultLog } from '../lib/deps.ts';
import { memoized } from '../lib/runtime/memoized.ts';
import type { CapacityMeter } from '../lib/store/tables.ts';
import { BrowserGuard } from './browser-guard.ts';
import { localCertificate } from './certificate.ts';
import { credentialsFile } from './credentials-file.ts';
import { freeingDeleted } from './deleted-streams.ts';
import { Executions, localWorkflows, type Settle } from './executions.ts';
import { sweepExpiredItems } from './expired-items.ts';
import { gateway } from './gateway.ts';
import { HttpServer } from './http-server.ts';
import { INTAKE_LIMITS, Intake } from './intake.ts';
import { restartRuns } from './restart-runs.ts';
import { type LocalStore, openStore } from './store.ts';

export interface LocalOptions {
  /** The variables that configure the deployed functions, and those that only mean something here. */
  readonly environment?: Environment;
  /** 0: any free port. */
  readonly port: number;
  readonly host?: string;
  /** A store that the caller opens and closes. Undefined: the store that the environment names. */
  readonly store?: LocalStore | undefined;
  readonly meter?: CapacityMeter;
  readonly log?: FaultLog;
  readonly observer?: Observer;
  /** Receives the trail. Default: structured lines. */
  readonly trail?: Trail;
  /** The handlers' clock, epoch ms. */
  readonly now?: () => number;
  /** What transitions wait for before their first step; undefined: their time, by the machine's clock. */
  readonly settle?: Settle | undefined;
}

/** A whole Rivulet in this process. */
export interface LocalRivulet {
  readonly endpoint: string;
  /** Where the data lives, for people to read. */
  readonly data: string;
  /** The environment that the functions run with. */
  readonly environment: Environment;
  /** What it keeps its data in: another Rivulet of this process may share it. */
  readonly store: LocalStore;
  readonly executions: Executions;
  /** Answers the requests in flight, then ends everything that was started. */
  close(): Promise<void>;
}

/** What CDK sets when deployed. Emulators are expected to let through whatever a test sends, so limits are off here. */
const LOCAL_ENVIRONMENT = {
  ACCOUNT_ID: '000000000000',
  AWS_REGION: 'us-east-1',
  STREAMS_TABLE: 'rivulet-streams',
  RECORDS_TABLE: 'rivulet-records',
  THROTTLING: 'off',
  STREAMING: 'on',
};

/** No units are paid for in the embedded engine: compression only has to save memory, or the disk. */
const EMBEDDED_ENVIRONMENT = { COMPRESS_ABOVE: String(64 * 1024) };

/**
 * Runs Rivulet on this machine, in this process: the Lambda handlers unchanged, with an engine, an interpreter for the state
 * machine and an HTTP server in the places of DynamoDB, Step Functions and API Gateway.
 */
export async function startRivulet(options: LocalOptions): Promise<LocalRivulet> {
  const given = definedOnly(options.environment ?? {});
  const endings: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const end of endings.splice(0).reverse()) {
      await end();
    }
  };
  try {
    const environment = {
      ...LOCAL_ENVIRONMENT,
      ...(given.DYNAMODB_ENDPOINT === undefined && EMBEDDED_ENVIRONMENT),
      ...given,
    };
    const store = options.store ?? (await openStore(environment));
    if (options.store === undefined) {
      endings.push(() => store.close());
    }
    const { tables } = store;
    const configuration = readConfiguration(environment);
    const log = options.log ?? faultLog;
    const platform = { tables, log, meter: options.meter, now: options.now };
    const freeing = freeingDeleted(createWorkflowStep(configuration, platform), store, (error) =>
      log.error('what a deleted stream holds could not be freed', error),
    );
    endings.push(freeing.end);
    const executions = new Executions(lifecycle, {
      step: freeing.step,
      onFailure: (error) => log.error('a lifecycle execution failed', error),
      settle: options.settle,
    });
    endings.push(() => executions.abort());
    const workflows = localWorkflows(executions, options.now);
    endings.push(sweepExpiredItems(tables, (error) => log.error('expired items could not be removed', error)));
    await restartRuns(workflows, tables);
    const certificate = memoized(() => localCertificate(given));
    if (given.TLS_CERT !== undefined || given.TLS_KEY !== undefined) {
      // An unusable certificate is reported at start, not to the first client.
      await certificate();
    }
    const dispatcher = createDispatcher(configuration, {
      ...platform,
      workflows,
      ...(await localSecrets(configuration)),
      trail: options.trail ?? loggedTrail(),
      observer: options.observer ?? (await localObserver(configuration)),
    });
    const closing = new AbortController();
    // Each subscription listens for it.
    setMaxListeners(0, closing.signal);
    const server = new HttpServer(
      gateway(dispatcher, configuration.limits.bodyBytes, new Intake(INTAKE_LIMITS), {
        closing: closing.signal,
        guard: browserGuard(environment),
      }),
      certificate,
    );
    const port = await server.listen(options.port, options.host);
    endings.push(() => server.close());
    endings.push(() => closing.abort());
    return { endpoint: `http://localhost:${port}`, data: store.data, environment, store, executions, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The credentials of the configuration's file. AWS' clients are loaded only where it names what AWS keeps. */
async function localSecrets(configuration: Configuration): Promise<Pick<Platform, 'credentials' | 'proxySecret'>> {
  const file = configuration.credentialsFile;
  const credentials = file === undefined ? undefined : credentialsFile(file);
  if (configuration.credentialsSecret === undefined && configuration.proxySecret === undefined) {
    return { credentials };
  }
  const { storedSecrets } = await import('../functions/stored-secrets.ts');
  const stored = storedSecrets(configuration);
  return { ...stored, credentials: stored.credentials ?? credentials };
}

/** A line and metrics for each request, where the configuration asks for them. */
async function localObserver({ metrics }: Configuration): Promise<Observer | undefined> {
  return metrics ? (await import('../functions/observer.ts')).cloudWatchObserver() : undefined;
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
