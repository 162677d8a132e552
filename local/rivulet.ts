import { setMaxListeners } from 'node:events';
import { createDispatcher } from '../functions/dispatcher.ts';
import { faultLog } from '../functions/fault-log.ts';
import type { Observer } from '../functions/observer.ts';
import { loggedTrail, type Trail } from '../functions/trail.ts';
import { createWorkflowStep } from '../functions/workflow.ts';
import lifecycle from '../infra/lifecycle.asl.json' with { type: 'json' };
import { type Environment, readConfiguration } from '../lib/configuration.ts';
import type { FaultLog } from '../lib/deps.ts';
import { once } from '../lib/once.ts';
import { type CapacityMeter, openTables } from '../lib/store/tables.ts';
import { BrowserGuard } from './browser-guard.ts';
import { localCertificate } from './certificate.ts';
import { availableEngines, type Engine, startEngine } from './dynamodb.ts';
import { sweepExpiredItems } from './expired-items.ts';
import { gateway } from './gateway.ts';
import { HttpServer } from './http-server.ts';
import { INTAKE_LIMITS, Intake } from './intake.ts';
import { restartRuns } from './restart-runs.ts';
import { type Settle, startStepFunctions } from './step-functions.ts';
import { createTables } from './tables.ts';

export interface LocalOptions {
  /** The variables that configure the deployed functions, and those that only mean something here. */
  readonly environment?: Environment;
  /** 0: any free port. */
  readonly port: number;
  readonly host?: string;
  readonly engine?: Engine['name'];
  readonly meter?: CapacityMeter;
  readonly log?: FaultLog;
  readonly observer?: Observer;
  /** Where changes and refusals are told; structured lines if left out. */
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
  /** The environment that the functions run with: another process may share the tables by it. */
  readonly environment: Environment;
  /** How the embedded engine has ended, once it has; never where there is none. */
  readonly engineEnded: Promise<string>;
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
  STATE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:rivulet-lifecycle',
};

/**
 * Runs Rivulet on this machine: the Lambda handlers unchanged, with a DynamoDB-compatible engine, an interpreter for the
 * state machine and an HTTP server in the places of DynamoDB, Step Functions and API Gateway.
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
    const store = await openStore(options, given);
    endings.push(store.close);
    const base = { ...LOCAL_ENVIRONMENT, ...given, AWS_ENDPOINT_URL_DYNAMODB: store.endpoint };
    useAnyCredentials();
    const log = options.log ?? faultLog;
    const surroundings = { log, meter: options.meter, now: options.now };
    const stepConfiguration = readConfiguration(base);
    await createTables(stepConfiguration);
    const stepFunctions = await startStepFunctions(
      lifecycle,
      createWorkflowStep(stepConfiguration, surroundings),
      (e) => log.error('a lifecycle execution failed', e),
      options.settle,
    );
    endings.push(stepFunctions.close);
    const environment = { ...base, AWS_ENDPOINT_URL_SFN: stepFunctions.endpoint };
    const configuration = readConfiguration(environment);
    const tables = openTables(configuration);
    endings.push(() => tables.client.destroy());
    endings.push(sweepExpiredItems(tables, (error) => log.error('expired items could not be removed', error)));
    await restartRuns(configuration, tables);
    const certificate = once(() => localCertificate(given));
    if (given.TLS_CERT !== undefined || given.TLS_KEY !== undefined) {
      // A certificate that was given and cannot be used is told at start, not to the first client.
      await certificate();
    }
    const dispatcher = createDispatcher(configuration, {
      ...surroundings,
      trail: options.trail ?? loggedTrail(),
      ...(options.observer && { observer: options.observer }),
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
    return { endpoint: `http://localhost:${port}`, data: store.data, environment, engineEnded: store.ended, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Store {
  readonly endpoint: string;
  readonly data: string;
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

async function openStore({ engine }: LocalOptions, environment: Environment): Promise<Store> {
  const endpoint = environment.DYNAMODB_ENDPOINT;
  if (endpoint !== undefined) {
    return { endpoint, data: endpoint, ended: new Promise(() => {}), close: async () => {} };
  }
  const [preferred] = availableEngines();
  const started = await startEngine(engine ?? preferred ?? 'dynalite', environment.DATA_DIR);
  return { ...started, data: `${started.data} (${started.name})` };
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

/** The SDK signs whatever it sends; local engines take any signature, so any credentials will do where there are none. */
function useAnyCredentials(): void {
  process.env.AWS_ACCESS_KEY_ID ??= 'local';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
}
