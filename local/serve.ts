import { wholeNumber } from '../lib/configuration.ts';
import { logExits, MemoryWatch, tell } from './exit-log.ts';
import { isOpen, startRivulet } from './rivulet.ts';

const DEFAULT_PORT = 4567;

/** Runs Rivulet until this process is told to stop. Where it cannot start it says so, and the process ends. */
export async function serve(): Promise<void> {
  await run().catch((error: unknown) => {
    console.error(`Rivulet could not start: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  });
}

async function run(): Promise<void> {
  const environment = process.env;
  const rivulet = await startRivulet({
    environment,
    port: wholeNumber(environment, 'PORT', DEFAULT_PORT, 0, 65_535),
    ...(environment.HOST && { host: environment.HOST }),
  });
  logExits();
  MemoryWatch.begin();
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, async () => {
      if (!stopping) {
        stopping = true;
        tell(`Rivulet ends: ${signal}.`);
        await rivulet.close();
        process.exit(0);
      }
    });
  }
  if (environment.HOST && !isLoopback(environment.HOST) && isOpen(environment)) {
    console.error(
      `Warning: it listens on ${environment.HOST} and lets everybody in. CREDENTIALS_FILE says who may do what.`,
    );
  }
  // Whoever reads this may end the process by a signal.
  console.log(`Rivulet answers at ${rivulet.endpoint}`);
  console.log(`Its data lives in ${rivulet.data}`);
  console.log('Try it:');
  console.log(
    '  AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1 ' +
      `aws --endpoint-url ${rivulet.endpoint} kinesis create-stream --stream-name example --shard-count 1`,
  );
}

const isLoopback = (host: string): boolean => /^(localhost|127\.|::1$)/.test(host);
