import { faultLog } from '../functions/fault-log.ts';
import { type Environment, oneOf, wholeNumber } from '../lib/configuration.ts';
import { logExits, MemoryWatch, tell } from './exit-log.ts';
import { requestLog } from './request-log.ts';
import { isOpen, type LocalServer, startServer } from './server.ts';
import { startProblem } from './start-problem.ts';

const DEFAULT_PORT = 4567;
const DEFAULT_ENDPOINT = `http://localhost:${DEFAULT_PORT}`;

/** The signals that end a server. Windows has two of them, and closes the console by SIGHUP. */
const ENDING_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Serves the console of a server. */
export type OfferConsole = (offered: {
  readonly port: number;
  /** Whether another free port does as well. */
  readonly anyPort: boolean;
  readonly endpoint: string;
  /** The one that the server has. Undefined: it has every region. */
  readonly region: string | undefined;
  readonly onError: (error: unknown) => void;
}) => Promise<{ readonly address: string; close(): Promise<void> }>;

/**
 * Runs the server until this process is told to stop, and its console. Where it cannot start it says why, and the process ends.
 */
export async function serve(environment: Environment, offerConsole: OfferConsole): Promise<void> {
  await run(environment, offerConsole).catch((error: unknown) => {
    console.error(`Rivulet could not start: ${startProblem(error, environment)}`);
    process.exit(1);
  });
}

async function run(environment: Environment, offerConsole: OfferConsole): Promise<void> {
  let stop: (signal: string) => void = (signal) => {
    // As process 1 of a container, nothing else ends it while it starts.
    tell(`Rivulet ends: ${signal}.`);
    process.exit(0);
  };
  for (const signal of ENDING_SIGNALS) {
    process.on(signal, () => stop(signal));
  }
  const server = await startServer({
    environment,
    port: wholeNumber(environment, 'PORT', DEFAULT_PORT, 0, 65_535),
    ...(environment.HOST && { host: environment.HOST }),
    countsTraffic: true,
    callLog: requestLog(oneOf(environment, 'LOG', ['requests', 'faults', 'off'], 'faults')),
    // Without access keys nobody is refused, and the lines of requests tell of changes.
    ...(isOpen(environment) && { trail: { write: () => {} } }),
  });
  const page = hasConsole(environment) ? await openConsole(server, environment, offerConsole) : undefined;
  logExits();
  MemoryWatch.begin();
  let stopping = false;
  stop = async (signal) => {
    if (!stopping) {
      stopping = true;
      tell(`Rivulet ends: ${signal}.`);
      await Promise.all([page?.close(), server.close()]);
      process.exit(0);
    }
  };
  greet(server, environment, page?.address);
}

/** A console signs for whoever opens it. So a server with access keys has none of its own. */
const hasConsole = (environment: Environment): boolean => environment.CONSOLE_PORT !== 'off' && isOpen(environment);

/** Opens the console at the port that was asked for, or at the next one, or at any. */
function openConsole({ endpoint }: LocalServer, environment: Environment, offerConsole: OfferConsole) {
  const apiPort = Number(new URL(endpoint).port);
  const isChosen = Boolean(environment.CONSOLE_PORT);
  const next = environment.PORT === '0' || apiPort === 65_535 ? 0 : apiPort + 1;
  return offerConsole({
    endpoint,
    region: environment.REGION || undefined,
    port: isChosen ? wholeNumber(environment, 'CONSOLE_PORT', 0, 0, 65_535) : next,
    anyPort: !isChosen,
    onError: (error) => faultLog.error('the console failed', error),
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE'
      ? new Error(
          `port ${environment.CONSOLE_PORT} of the console is in use. CONSOLE_PORT or --console-port chooses another`,
        )
      : error;
  });
}

function greet(
  { endpoint, data, home }: LocalServer,
  environment: Environment,
  consoleAddress: string | undefined,
): void {
  if (environment.HOST && !isLoopback(environment.HOST) && isOpen(environment)) {
    console.error(
      `Warning: it listens on ${environment.HOST} and lets everybody in. CREDENTIALS_FILE says who may do what.`,
    );
  }
  // Whoever reads this may end the process by a signal.
  console.log(`Rivulet answers at ${endpoint}`);
  console.log(`Its data lives in ${data}`);
  if (consoleAddress !== undefined) {
    console.log(`Its console is at ${consoleAddress}`);
  }
  if (environment.STREAMS) {
    console.log(`Its streams: ${environment.STREAMS.split(',').join(', ')}`);
  }
  console.log('Try it:');
  const at = isOpen(environment) ? toolOptions(endpoint) : ' --profile <one with a key>';
  for (const command of [...firstTools(environment), ...(isOpen(environment) ? [] : ['console'])]) {
    console.log(`  rivulet ${command}${at}`);
  }
  const anyKey = `AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=${home.region} `;
  console.log(
    `  ${isOpen(environment) ? anyKey : ''}` + `aws --endpoint-url ${endpoint} kinesis ${firstCommand(environment)}`,
  );
}

const toolOptions = (endpoint: string): string => (endpoint === DEFAULT_ENDPOINT ? '' : ` --endpoint ${endpoint}`);

/** Commands for another terminal. */
function firstTools({ STREAMS }: Environment): string[] {
  const [name = 'example'] = (STREAMS ?? '').split(/[:,]/).filter(Boolean);
  const create = STREAMS ? [] : [`streams create ${name} --shards 1`];
  return [...create, `put ${name} hello`, `tail ${name} --since 10m`];
}

const firstCommand = ({ STREAMS }: Environment): string =>
  STREAMS ? 'list-streams' : 'create-stream --stream-name example --shard-count 1';

const isLoopback = (host: string): boolean => /^(localhost|127\.|::1$)/.test(host);
