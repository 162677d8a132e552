import { type Environment, oneOf, wholeNumber } from '../lib/configuration.ts';
import { logExits, MemoryWatch, tell } from './exit-log.ts';
import { requestLog } from './request-log.ts';
import { isOpen, type LocalServer, startServer } from './server.ts';
import { startProblem } from './start-problem.ts';

const DEFAULT_PORT = 4567;
const DEFAULT_ENDPOINT = `http://localhost:${DEFAULT_PORT}`;

/** The signals that end a server. Windows has two of them, and closes the console by SIGHUP. */
const ENDING_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Runs the server until this process is told to stop. Where it cannot start it says why, and the process ends. */
export async function serve(environment: Environment): Promise<void> {
  await run(environment).catch((error: unknown) => {
    console.error(`Rivulet could not start: ${startProblem(error, environment)}`);
    process.exit(1);
  });
}

async function run(environment: Environment): Promise<void> {
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
    callLog: requestLog(oneOf(environment, 'LOG', ['requests', 'faults', 'off'], 'faults')),
    // Without access keys nobody is refused, and the lines of requests tell of changes.
    ...(isOpen(environment) && { trail: { write: () => {} } }),
  });
  logExits();
  MemoryWatch.begin();
  let stopping = false;
  stop = async (signal) => {
    if (!stopping) {
      stopping = true;
      tell(`Rivulet ends: ${signal}.`);
      await server.close();
      process.exit(0);
    }
  };
  greet(server, environment);
}

function greet({ endpoint, data, home }: LocalServer, environment: Environment): void {
  if (environment.HOST && !isLoopback(environment.HOST) && isOpen(environment)) {
    console.error(
      `Warning: it listens on ${environment.HOST} and lets everybody in. CREDENTIALS_FILE says who may do what.`,
    );
  }
  // Whoever reads this may end the process by a signal.
  console.log(`Rivulet answers at ${endpoint}`);
  console.log(`Its data lives in ${data}`);
  if (environment.STREAMS) {
    console.log(`Its streams: ${environment.STREAMS.split(',').join(', ')}`);
  }
  console.log('Try it:');
  const at = isOpen(environment) ? toolOptions(endpoint) : ' --profile <one with a key>';
  for (const command of firstTools(environment)) {
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
