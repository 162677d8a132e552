import type { EndpointOptions } from '../../client/endpoint-choice.ts';
import { usage } from '../../client/failure.ts';
import type { Calls } from '../../console/server/calls.ts';
import { type ConsoleServer, serveConsole } from '../../console/server/console-server.ts';
import { memoized } from '../../lib/runtime/memoized.ts';
import manifest from '../../package.json' with { type: 'json' };
import { untilInterrupted } from '../interruption.ts';
import { wholeNumber } from '../numbers.ts';

export interface ConsoleOptions extends EndpointOptions {
  readonly port: string;
  readonly readOnly?: true | undefined;
  readonly metricsProfile?: string | undefined;
}

/** Serves the console for an endpoint until the user ends it. */
export async function consoleFor(options: ConsoleOptions): Promise<void> {
  const port = wholeNumber('--port', options.port, 0, 65_535);
  const calls = await openCalls(options);
  const server = await serveConsole({ openCalls: async () => calls, port, onError: console.error }).catch(
    (error: NodeJS.ErrnoException) => {
      throw error.code === 'EADDRINUSE' ? usage(`port ${port} is taken: --port names another one`) : error;
    },
  );
  console.log(`The console of ${calls.about.endpoint} is at ${server.address}`);
  console.log('Ctrl-C ends it. Until then, whoever can open connections on this machine can use it.');
  const signal = untilInterrupted();
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await server.close();
}

/** Where the console of a local server listens. */
export interface OfferedConsole {
  readonly port: number;
  readonly anyPort: boolean;
  readonly endpoint: string;
  readonly onError: (error: unknown) => void;
}

/** Serves the console of a local server, and of nothing else. What it signs with is opened with the first look at it. */
export const offerConsole = ({ endpoint, ...listening }: OfferedConsole): Promise<ConsoleServer> =>
  serveConsole({ ...listening, openCalls: memoized(() => openCalls({ endpoint, anyKey: true })) });

interface Opening extends EndpointOptions {
  readonly anyKey?: true;
  readonly readOnly?: true | undefined;
  readonly metricsProfile?: string | undefined;
}

async function openCalls({ anyKey, readOnly, metricsProfile, ...options }: Opening): Promise<Calls> {
  const [{ openEndpoint }, { createCalls }] = await Promise.all([
    import('../../client/endpoint.ts'),
    import('../../console/server/calls.ts'),
  ]);
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const endpoint = await openEndpoint(options, anyKey && { credentials });
  return createCalls({
    endpoint,
    profile: anyKey ? undefined : (options.profile ?? process.env.AWS_PROFILE),
    readOnly: readOnly === true,
    version: manifest.version,
    cloudWatch: await openCloudWatch(
      metricsProfile ?? (endpoint.kind === 'aws' ? options.profile : undefined),
      endpoint,
    ),
  });
}

/** CloudWatch belongs to AWS' own keys: those of Kinesis, or of the account that a deployment is in. */
async function openCloudWatch(profile: string | undefined, { kind, region }: { kind: string; region: string }) {
  if (kind === 'local' || (profile === undefined && kind !== 'aws')) {
    return undefined;
  }
  const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
  return new CloudWatchClient({ region, ...(profile !== undefined && { profile }) });
}
