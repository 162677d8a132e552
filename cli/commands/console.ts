import type { Endpoint } from '../../client/endpoint.ts';
import type { EndpointOptions } from '../../client/endpoint-choice.ts';
import { usage } from '../../client/failure.ts';
import type { CallOptions, Calls } from '../../console/server/calls.ts';
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
  const { readOnly, metricsProfile, profile = process.env.AWS_PROFILE || undefined } = options;
  const open = async (region: string | undefined) => {
    const { openEndpoint } = await import('../../client/endpoint.ts');
    const own = await openEndpoint(options);
    // Only a server of this machine has other regions to look at. A browser may still have one chosen that was of such a server.
    const endpoint = region === undefined || own.kind !== 'local' ? own : await openEndpoint({ ...options, region });
    const cloudWatch = await openCloudWatch(
      metricsProfile ?? (endpoint.kind === 'aws' ? profile : undefined),
      endpoint,
    );
    return callsOf({ endpoint, ownRegion: own.region, profile, readOnly: readOnly === true, cloudWatch });
  };
  // What is wrong with the options is told before anybody looks.
  const { endpoint } = await (await open(undefined)).about();
  const server = await serveConsole({ openCalls: byRegion(open), port, onError: console.error }).catch(
    (error: NodeJS.ErrnoException) => {
      throw error.code === 'EADDRINUSE' ? usage(`port ${port} is taken: --port names another one`) : error;
    },
  );
  console.log(`The console of ${endpoint} is at ${server.address}`);
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
  /** The only one. Undefined: that of the environment, and others. */
  readonly region?: string | undefined;
  readonly onError: (error: unknown) => void;
}

/** Serves the console of a local server, and of nothing else. What it signs with is opened with the first look at it. */
export const offerConsole = ({ endpoint: url, region: only, ...listening }: OfferedConsole): Promise<ConsoleServer> =>
  serveConsole({
    ...listening,
    openCalls: byRegion(async (region) => {
      const { openLocalEndpoint } = await import('../../client/endpoint.ts');
      const own = await openLocalEndpoint(url, only);
      const endpoint = only === undefined && region !== undefined ? await openLocalEndpoint(url, region) : own;
      return callsOf({ endpoint, ownRegion: own.region, profile: undefined, readOnly: false, cloudWatch: undefined });
    }),
  });

async function callsOf(options: Omit<CallOptions, 'version'>): Promise<Calls> {
  const { createCalls } = await import('../../console/server/calls.ts');
  return createCalls({ ...options, version: manifest.version });
}

/** The regions that a console keeps open: as many as a local server has, and some more. */
const MAX_REGIONS = 40;

/** Opens each region once. */
function byRegion(
  open: (region: string | undefined) => Promise<Calls>,
): (region: string | undefined) => Promise<Calls> {
  const opened = new Map<string | undefined, () => Promise<Calls>>();
  return (region) => {
    const known = opened.get(region) ?? memoized(() => open(region));
    opened.delete(region);
    opened.set(region, known);
    if (opened.size > MAX_REGIONS) {
      opened.delete(opened.keys().next().value);
    }
    return known();
  };
}

/** CloudWatch belongs to AWS' own keys: those of Kinesis, or of the account that a deployment is in. */
async function openCloudWatch(profile: string | undefined, { kind, region }: Pick<Endpoint, 'kind' | 'region'>) {
  if (kind === 'local' || (profile === undefined && kind !== 'aws')) {
    return undefined;
  }
  const { CloudWatchClient } = await import('@aws-sdk/client-cloudwatch');
  return new CloudWatchClient({ region, ...(profile !== undefined && { profile }) });
}
