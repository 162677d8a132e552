import {
  kinesisLimits,
  LIMIT_BOUNDS,
  type Limits,
  MAX_ITEM_BODY_BYTES,
  WORTH_COMPRESSING_BYTES,
} from './model/limits.ts';
import type { Account } from './model/stream.ts';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Which calls get a log line: those that failed or were slow, all, or these and one in so many of the others. */
export type Observation = { readonly of: 'faults' | 'all' } | { readonly of: 'sampled'; readonly oneIn: number };

/** The settings of the functions and of the local server, from their environment. */
export interface Configuration {
  readonly account: Account;
  readonly limits: Limits;
  /** Whether a writer guesses positions while it is alone, which saves a DynamoDB call. Else it reserves each one. */
  readonly guessing: boolean;
  /** The records of a batch are compressed if they have more bytes: fewer write units for more processor time. */
  readonly compressAbove: number;
  /** Whether the front door can stream responses: SubscribeToShard needs it. */
  readonly streaming: boolean;
  /** The least time that a stream stays in a transitional state, ms. */
  readonly transitionMs: number;
  readonly streamsTable: string;
  readonly recordsTable: string;
  /** Undefined: the region's own endpoint. */
  readonly dynamodbEndpoint: string | undefined;
  /** Where large bodies are kept: a bucket, and the bytes above which a body goes there. Undefined: in the records table. */
  readonly bodies: { readonly bucket: string; readonly aboveBytes: number } | undefined;
  readonly s3Endpoint: string | undefined;
  /** Whether the tables were there before the stack: then they must have been prepared by `rivulet adopt`. */
  readonly adopted: boolean;
  /** Whether the embedded engine confirms a write only after it is on the disk. */
  readonly dataSync: boolean;
  readonly stepFunctionsEndpoint: string | undefined;
  /** Set for the dispatcher. The workflow step starts no executions. */
  readonly stateMachineArn: string | undefined;
  /** Where the access keys are: a secret, or a file. Neither: every well-formed signature is accepted. */
  readonly credentialsSecret: string | undefined;
  readonly credentialsFile: string | undefined;
  /** The name of the proxy's secret. Undefined: there is no proxy. */
  readonly proxySecret: string | undefined;
  /** Undefined: no call gets a log line or a metric. */
  readonly observe: Observation | undefined;
  /** The streams that have metrics, by name; `*`: every stream. Each costs money. */
  readonly streamMetrics: readonly string[];
  /** Host names for which clients may sign, besides the gateway's own. */
  readonly hostNames: readonly string[];
}

/**
 * Reads the configuration once, at start. docs/configuration.md lists the names.
 * @throws Error with a sentence that names the variable and its valid values
 */
export function readConfiguration(environment: Environment): Configuration {
  return {
    account: {
      accountId: matching(environment, 'ACCOUNT_ID', /^\d{12}$/, 'an account id of 12 digits'),
      region: matching(environment, 'AWS_REGION', /^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as us-east-1'),
    },
    limits: readLimits(environment),
    streaming: oneOf(environment, 'STREAMING', ['on', 'off'], 'off') === 'on',
    guessing: oneOf(environment, 'GUESSING', ['on', 'off'], 'on') === 'on',
    compressAbove: wholeNumber(environment, 'COMPRESS_ABOVE', WORTH_COMPRESSING_BYTES),
    transitionMs: wholeNumber(environment, 'TRANSITION_MS', 100),
    streamsTable: present(environment, 'STREAMS_TABLE'),
    recordsTable: present(environment, 'RECORDS_TABLE'),
    dynamodbEndpoint: environment.AWS_ENDPOINT_URL_DYNAMODB,
    bodies: readBodies(environment),
    s3Endpoint: environment.AWS_ENDPOINT_URL_S3,
    adopted: oneOf(environment, 'ADOPTED', ['on', 'off'], 'off') === 'on',
    dataSync: oneOf(environment, 'DATA_SYNC', ['on', 'off'], 'off') === 'on',
    stepFunctionsEndpoint: environment.AWS_ENDPOINT_URL_SFN,
    stateMachineArn: environment.STATE_MACHINE_ARN,
    credentialsSecret: environment.CREDENTIALS_SECRET,
    credentialsFile: environment.CREDENTIALS_FILE,
    proxySecret: environment.PROXY_SECRET,
    observe: readObservation(environment),
    streamMetrics: names(environment.STREAM_METRICS ?? (environment.OBSERVE === 'all' ? '*' : '')),
    hostNames: names(environment.HOST_NAMES?.toLowerCase() ?? ''),
  };
}

const names = (text: string): string[] => text.split(',').filter(Boolean);

function readObservation(environment: Environment): Observation | undefined {
  const value = environment.OBSERVE || 'off';
  const [, oneIn] = /^sampled:([1-9]\d{0,8})$/.exec(value) ?? [];
  if (oneIn !== undefined) {
    return { of: 'sampled', oneIn: Number(oneIn) };
  }
  if (value !== 'off' && value !== 'faults' && value !== 'all') {
    throw new Error(`OBSERVE must be one of off, faults, all, sampled:100 (one call in a hundred), not '${value}'`);
  }
  return value === 'off' ? undefined : { of: value };
}

/** Without a number of bytes, only what does not fit into an item goes to the bucket. */
function readBodies(environment: Environment): Configuration['bodies'] {
  const bucket = environment.BODIES_BUCKET;
  const aboveBytes = wholeNumber(environment, 'BODIES_ABOVE', MAX_ITEM_BODY_BYTES, 1, MAX_ITEM_BODY_BYTES);
  return bucket ? { bucket, aboveBytes } : undefined;
}

function readLimits(environment: Environment): Limits {
  return {
    ...kinesisLimits,
    ...changedLimits(environment.LIMITS || '{}'),
    throttling: oneOf(environment, 'THROTTLING', ['on', 'off'], 'on') === 'on',
  };
}

/** Parses a JSON object of limits, by their names in lib/model/limits.ts. */
function changedLimits(text: string): Partial<Limits> {
  const limits = jsonObject(text);
  const names = Object.keys(kinesisLimits).filter((name) => name !== 'throttling');
  for (const [name, value] of Object.entries(limits)) {
    if (!names.includes(name)) {
      throw new Error(`LIMITS names '${name}', which is none of ${names.join(', ')}`);
    }
    checkLimit(name as keyof Limits, value);
  }
  return limits as Partial<Limits>;
}

/** @throws Error for a value that is not a valid limit, or with which the log could not keep its guarantees */
function checkLimit(name: keyof Limits, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw new Error(`LIMITS must give whole numbers from 1 on, not ${JSON.stringify(value)} for ${name}`);
  }
  const { min = 1, max = Number.MAX_SAFE_INTEGER } = LIMIT_BOUNDS[name] ?? {};
  if ((value as number) < min || (value as number) > max) {
    const bound = (value as number) < min ? `at least ${min}` : `at most ${max}`;
    throw new Error(`LIMITS must give ${bound} for ${name}, not ${value}`);
  }
}

function jsonObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Reported below, like everything else that is not an object.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`LIMITS must be a JSON object such as {"shardRecordsPerSecond":500}, not '${text}'`);
  }
  return value as Record<string, unknown>;
}

function present(environment: Environment, name: string): string {
  const value = environment[name];
  if (!value) {
    throw new Error(`${name} must be set`);
  }
  return value;
}

function matching(environment: Environment, name: string, pattern: RegExp, what: string): string {
  const value = present(environment, name);
  if (!pattern.test(value)) {
    throw new Error(`${name} must be ${what}, not '${value}'`);
  }
  return value;
}

/** Reads one of some words. `otherwise` if the variable is not set. */
export function oneOf<const T extends string>(
  environment: Environment,
  name: string,
  words: readonly T[],
  otherwise: T,
): T {
  const value = environment[name] || otherwise;
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) {
    throw new Error(`${name} must be one of ${words.join(', ')}, not '${value}'`);
  }
  return word;
}

/** Reads a whole number within bounds. `otherwise` if the variable is not set. */
export function wholeNumber(
  environment: Environment,
  name: string,
  otherwise: number,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
): number {
  const value = environment[name];
  if (!value) {
    return otherwise;
  }
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    throw new Error(`${name} must be a whole number from ${min} to ${max}, not '${value}'`);
  }
  return number;
}
