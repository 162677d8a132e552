import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis';
import { loadSharedConfigFiles } from '@smithy/core/config';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { AWS, DEFAULT_ENDPOINT, DEFAULT_REGION, type EndpointOptions } from './endpoint-choice.ts';
import { usage } from './failure.ts';
import { clockOf, type ServerClock } from './server-clock.ts';

/** An endpoint with the interface of Kinesis. */
export interface Endpoint {
  readonly client: KinesisClient;
  readonly clock: ServerClock;
  readonly url: string;
  /** For people to read. */
  readonly name: string;
  readonly region: string;
  /** `aws`: Kinesis itself. `local`: this machine. `deployed`: anything else. */
  readonly kind: 'aws' | 'local' | 'deployed';
}

const CONNECTION_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** Requests that one command may have under way. */
const MAX_SOCKETS = 256;

/**
 * Opens the endpoint that the options name. Without any, it is that of the environment, or else a server on this machine: never
 * Kinesis itself by accident.
 * @throws Failure for an endpoint that is no URL, and for a profile that does not exist
 */
export async function openEndpoint(options: EndpointOptions, more: KinesisClientConfig = {}): Promise<Endpoint> {
  const resolved = await resolve(options);
  const { url, region, isAws } = resolved;
  const client = clientOf(resolved, more);
  return { client, clock: clockOf(client), url, name: isAws ? `Kinesis in ${region}` : url, kind: kindOf(url), region };
}

function clientOf({ url, region, profile }: Resolved, more: KinesisClientConfig): KinesisClient {
  const client = new KinesisClient({
    endpoint: url,
    region,
    ...(profile !== undefined && { profile }),
    // HTTP/2, which this client prefers, is slower for many small requests.
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      httpAgent: { maxSockets: MAX_SOCKETS, keepAlive: true },
      httpsAgent: { maxSockets: MAX_SOCKETS, keepAlive: true },
    }),
    ...(isLoopback(url) && needsAnyKey(profile) && { credentials: { accessKeyId: 'any', secretAccessKey: 'any' } }),
    ...more,
  });
  // Errors of the network do not say where.
  client.middlewareStack.add(
    (next) => (call) => next(call).catch((error: object) => Promise.reject(Object.assign(error, { endpoint: url }))),
    { step: 'initialize', name: 'nameTheEndpoint' },
  );
  return client;
}

/**
 * Opens a server on this machine that takes any key. The region is that of the caller's environment or profile, as for every other
 * tool, unless one is given; what is wrong with these is no matter here.
 */
export async function openLocalEndpoint(endpoint: string, region?: string): Promise<Endpoint> {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE } = process.env;
  const ofProfile = () =>
    readProfile(AWS_PROFILE || undefined).then(
      (profile) => profile.region,
      () => undefined,
    );
  const known = firstSet(region, AWS_REGION, AWS_DEFAULT_REGION) ?? (await ofProfile()) ?? DEFAULT_REGION;
  const client = clientOf(
    { url: endpoint, region: known, profile: undefined, isAws: false },
    {
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    },
  );
  return { client, clock: clockOf(client), url: endpoint, name: endpoint, kind: 'local', region: known };
}

interface Resolved {
  readonly url: string;
  readonly region: string;
  readonly profile: string | undefined;
  readonly isAws: boolean;
}

/** Options come before the environment, and that before the profile. */
async function resolve(options: EndpointOptions): Promise<Resolved> {
  const { endpoint, profile = process.env.AWS_PROFILE || undefined } = options;
  if (endpoint !== undefined && endpoint !== AWS && !isHttpUrl(endpoint)) {
    throw usage(`--endpoint must be ${AWS} or a URL such as ${DEFAULT_ENDPOINT}, not '${endpoint}'`);
  }
  const found = await readProfile(profile);
  if (profile !== undefined && !found.profiles.includes(profile)) {
    throw usage(`there is no profile ${profile}: ${found.profiles.join(', ') || 'the AWS CLI has none'}`);
  }
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_KINESIS, AWS_ENDPOINT_URL } = process.env;
  const region = firstSet(options.region, AWS_REGION, AWS_DEFAULT_REGION, found.region) ?? DEFAULT_REGION;
  const url = firstSet(endpoint, AWS_ENDPOINT_URL_KINESIS, AWS_ENDPOINT_URL, found.endpointUrl);
  const isAws = url === AWS || (url === undefined && profile !== undefined);
  return { url: isAws ? awsUrl(region) : (url ?? DEFAULT_ENDPOINT), region, profile, isAws };
}

/** A variable that is set to nothing counts as not set. */
const firstSet = (...values: readonly (string | undefined)[]): string | undefined => values.find(Boolean);

const kindOf = (url: string): Endpoint['kind'] => {
  const { hostname } = new URL(url);
  if (/^kinesis[.-].*\.amazonaws\.com(\.cn)?$/.test(hostname)) {
    return 'aws';
  }
  return isLoopback(url) ? 'local' : 'deployed';
};

const awsUrl = (region: string): string =>
  `https://kinesis.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const isLoopback = (url: string): boolean =>
  isHttpUrl(url) && /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/.test(new URL(url).hostname);

/** A server on this machine without access keys takes any. */
const needsAnyKey = (profile: string | undefined): boolean =>
  profile === undefined && process.env.AWS_ACCESS_KEY_ID === undefined;

interface Profile {
  /** The names of all profiles that there are. */
  readonly profiles: readonly string[];
  readonly region: string | undefined;
  readonly endpointUrl: string | undefined;
}

/** What the files of the AWS CLI say of a profile, or of the default one. */
async function readProfile(profile = 'default'): Promise<Profile> {
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const found = { ...credentialsFile[profile], ...configFile[profile] };
  const services = found.services === undefined ? undefined : configFile[`services.${found.services}`];
  return {
    profiles: [...new Set([...Object.keys(configFile), ...Object.keys(credentialsFile)])].filter(
      (name) => !/^(services|sso-session)\./.test(name),
    ),
    region: found.region,
    endpointUrl: services?.['kinesis.endpoint_url'] ?? found.endpoint_url,
  };
}
