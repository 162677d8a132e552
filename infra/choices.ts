import { readFileSync, statSync } from 'node:fs';
import type { Construct } from 'constructs';
import { readConfiguration } from '../lib/configuration.ts';
import { kinesisLimits, type Limits } from '../lib/model/limits.ts';
import type { Bodies, RivuletProps } from './props.ts';

/** The file of choices that is read if no other is named. It is meant to be committed. */
const DEFAULT_FILE = 'rivulet.json';

/** Where the values of choices are read from, and the checks of their forms. Every message names the key and its valid values. */
class Choices {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  text(key: string, pattern = /^\S+$/, what = 'a text without spaces'): string | undefined {
    const value = this.#values[key];
    if (value !== undefined && !(typeof value === 'string' && pattern.test(value))) {
      throw new Error(`the context ${key} must be ${what}, not '${value}'`);
    }
    return value as string | undefined;
  }

  arn(key: string, service: string): string | undefined {
    return this.text(key, new RegExp(`^arn:[\\w-]+:${service}:\\S+$`), `an ARN of ${service}`);
  }

  oneOf<const T extends string>(key: string, words: readonly T[]): T | undefined {
    const value = this.#values[key];
    if (value !== undefined && !words.includes(value as T)) {
      throw new Error(`the context ${key} must be one of ${words.join(', ')}, not '${value}'`);
    }
    return value as T | undefined;
  }

  yesOrNo(key: string): boolean | undefined {
    const value = this.#values[key];
    if (value === undefined) {
      return undefined;
    }
    if (!['true', 'false'].includes(String(value))) {
      throw new Error(`the context ${key} must be one of true, false, not '${value}'`);
    }
    return String(value) === 'true';
  }

  wholeNumber(key: string, least = 0, most = 1_000_000): number | undefined {
    const value = this.#values[key];
    const isWhole = value === undefined || /^\d+$/.test(String(value));
    if (!isWhole || Number(value) < least || Number(value) > most) {
      throw new Error(`the context ${key} must be a whole number from ${least} to ${most}, not '${value}'`);
    }
    return value === undefined ? undefined : Number(value);
  }

  /** A list in a file, or a text with commas. */
  names(key: string, pattern: RegExp, what: string): string[] | undefined {
    const value = this.#values[key];
    if (value === undefined) {
      return undefined;
    }
    const names: unknown[] = Array.isArray(value) ? value : String(value).split(',').filter(Boolean);
    if (names.length === 0 || !names.every((name) => typeof name === 'string' && pattern.test(name))) {
      throw new Error(`the context ${key} must be ${what}, separated by commas, not '${value}'`);
    }
    return names as string[];
  }

  isGiven(key: string): boolean {
    return this.#values[key] !== undefined;
  }

  /** An object in a file, or JSON text on the command line. */
  limits(key: string): Partial<Limits> | undefined {
    const value = this.#values[key];
    if (value === undefined) {
      return undefined;
    }
    const given = typeof value === 'string' ? parsed(value) : value;
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw new Error(`the context ${key} must be an object in JSON such as {"maxRecordKiB":2048}, not '${value}'`);
    }
    const unknown = Object.keys(given).find((name) => !(name in kinesisLimits));
    if (unknown !== undefined) {
      throw new Error(`the context ${key} names '${unknown}', which is no limit of lib/model/limits.ts`);
    }
    const { throttling = true, ...numbers } = given as Partial<Limits>;
    if (typeof throttling !== 'boolean') {
      throw new Error(`the context ${key} must have true or false for throttling, not '${throttling}'`);
    }
    asFunctionsDo(key, { LIMITS: JSON.stringify(numbers) });
    return given as Partial<Limits>;
  }

  observe(key: string): string | undefined {
    const value = this.text(key);
    if (value !== undefined && value !== 'faults' && value !== 'all' && !/^sampled:[1-9]\d{0,8}$/.test(value)) {
      throw new Error(`the context ${key} must be one of faults, all, sampled:100 (one in a hundred), not '${value}'`);
    }
    return value;
  }
}

/** How each key becomes a part of the properties. The keys of this table are all that there are. */
const KEYS: Readonly<Record<string, (choices: Choices) => RivuletProps>> = {
  frontDoor: (c) => given({ frontDoor: c.oneOf('frontDoor', ['http', 'function-url']) }),
  cloudFront: (c) => given({ cloudFront: c.yesOrNo('cloudFront') }),
  webAclArn: (c) => given({ webAclArn: c.arn('webAclArn', 'wafv2') }),
  domainName: domain,
  certificateArn: domain,
  sandbox: (c) => given({ sandbox: c.yesOrNo('sandbox') }),
  adoptTables,
  kmsKeyArn: (c) =>
    given({
      kmsKeyArn: c.text(
        'kmsKeyArn',
        /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/,
        'the ARN of a KMS key, and not of an alias',
      ),
    }),
  alarms: (c) => given({ alarms: c.yesOrNo('alarms') }),
  alarmEmail: (c) => given({ alarmEmail: c.text('alarmEmail', /^\S+@\S+$/, 'an address for mail') }),
  alarmTopicArn: (c) => given({ alarmTopicArn: c.arn('alarmTopicArn', 'sns') }),
  dashboard: (c) => given({ dashboard: c.yesOrNo('dashboard') }),
  budgetUsd: (c) => given({ budgetUsd: c.wholeNumber('budgetUsd', 1) }),
  observe: (c) => given({ observe: c.observe('observe') }),
  streamMetrics: (c) =>
    given({ streamMetrics: c.names('streamMetrics', /^(\*|[\w.-]{1,128})$/, 'names of streams, or *') }),
  tracing: (c) => given({ tracing: c.yesOrNo('tracing') }),
  logRetentionDays: (c) => given({ logRetentionDays: c.wholeNumber('logRetentionDays') }),
  limits: (c) => given({ limits: c.limits('limits') }),
  maxOnDemandShards: (c) => given({ maxOnDemandShards: c.wholeNumber('maxOnDemandShards', 1) }),
  memorySize: (c) => given({ memorySize: c.wholeNumber('memorySize', 128, 10_240) }),
  reservedConcurrency: (c) => given({ reservedConcurrency: c.wholeNumber('reservedConcurrency') }),
  requestsPerSecond: (c) => given({ requestsPerSecond: c.wholeNumber('requestsPerSecond', 1) }),
  minUnits: capacity,
  maxUnits: capacity,
  bodies,
  bodiesZone: bodies,
  bodiesAbove: bodies,
  adoptBucket: bodies,
  hostNames: (c) => given({ hostNames: c.names('hostNames', /^[A-Za-z0-9.-]+$/, 'host names') }),
};

/** Keys of the app, which are no properties of the construct. */
const APP_KEYS = ['stackName', 'choices'];

/** What an owner has chosen. */
export interface OwnerChoices {
  /** Several stacks in one account and region need different names. Default: `Rivulet`. */
  readonly stackName: string;
  readonly props: RivuletProps;
}

/**
 * Reads the choices: from the file that the context `choices` names, or `rivulet.json` if there is one, and from the context of
 * the CDK app, which wins: `cdk deploy -c sandbox=true -c frontDoor=function-url`.
 * @throws Error with a sentence that names the key and its valid values, also for a key that there is not
 */
export function ownerChoices(scope: Construct, read: (file: string) => string | undefined = readIfThere): OwnerChoices {
  const context = Object.fromEntries(
    Object.entries(scope.node.getAllContext() as Record<string, unknown>).filter(
      // CDK's own keys: of flags, of what it has looked up, and of what its commands remember.
      ([key, value]) => !/[@:/-]/.test(key) && value !== undefined && value !== null,
    ),
  );
  const fromFile = choicesOfFile(context.choices as string | undefined, read);
  const values = { ...fromFile, ...context };
  for (const key of Object.keys(values)) {
    if (!(key in KEYS || APP_KEYS.includes(key))) {
      throw new Error(`there is no choice '${key}': docs/deploy.md lists them all`);
    }
  }
  const choices = new Choices(values);
  refuseIneffective(choices);
  const stackName = choices.text('stackName', /^[A-Za-z][A-Za-z0-9-]{0,99}$/, 'letters, digits and hyphens');
  const props = Object.assign({}, ...Object.values(KEYS).map((part) => part(choices))) as RivuletProps;
  return { stackName: stackName ?? 'Rivulet', props };
}

function choicesOfFile(
  named: string | undefined,
  read: (file: string) => string | undefined,
): Readonly<Record<string, unknown>> {
  const file = named ?? DEFAULT_FILE;
  const text = read(file);
  if (text === undefined) {
    if (named !== undefined) {
      throw new Error(`the context choices names '${file}', which is not there`);
    }
    return {};
  }
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (error) {
    throw new Error(`the choices of ${file} are no JSON`, { cause: error });
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw new Error(`the choices of ${file} must be a JSON object such as {"frontDoor":"function-url"}`);
  }
  if ('choices' in values) {
    throw new Error(`${file} cannot name another file of choices`);
  }
  return values as Record<string, unknown>;
}

const readIfThere = (file: string): string | undefined =>
  statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : undefined;

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;

function capacity(choices: Choices): RivuletProps {
  const minUnits = choices.wholeNumber('minUnits', 1);
  const maxUnits = choices.wholeNumber('maxUnits', 1);
  if ((minUnits ?? 1) > (maxUnits ?? Number.POSITIVE_INFINITY)) {
    throw new Error(`the context minUnits must be at most maxUnits, not ${minUnits}`);
  }
  return maxUnits === undefined
    ? {}
    : { tableCapacity: { mode: 'provisioned' as const, minUnits: minUnits ?? 1, maxUnits } };
}

function domain(choices: Choices): RivuletProps {
  const name = choices.text('domainName', /^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a host name in small letters');
  const certificateArn = choices.arn('certificateArn', 'acm');
  if ((name === undefined) !== (certificateArn === undefined)) {
    throw new Error('the contexts domainName and certificateArn belong together: give both');
  }
  return name === undefined || certificateArn === undefined ? {} : { customDomain: { name, certificateArn } };
}

function adoptTables(choices: Choices): RivuletProps {
  const names = choices.names('adoptTables', /^[\w.-]{3,255}$/, 'names of tables');
  if (names === undefined) {
    return {};
  }
  const [streams, records, ...more] = names;
  if (streams === undefined || records === undefined || streams === records || more.length > 0) {
    throw new Error("the context adoptTables must be the streams table's name and the records table's, with a comma");
  }
  return { adoptTables: { streams, records } };
}

function bodies(choices: Choices): RivuletProps {
  const place = choices.oneOf('bodies', ['dynamodb', 's3', 's3-express']);
  const zone = choices.text(
    'bodiesZone',
    /^[a-z0-9]+(-[a-z0-9]+)?-az\d$/,
    'the id of an availability zone, such as use1-az4',
  );
  const more = given({
    aboveBytes: bodiesAbove(choices),
    bucketName: choices.text('adoptBucket', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket'),
  });
  if (place === 's3-express') {
    if (zone === undefined) {
      throw new Error('bodies=s3-express needs the context bodiesZone, the id of its availability zone: use1-az4, say');
    }
    return { bodies: { in: place, zone, ...more } };
  }
  const useless = Object.entries({ bodiesZone: zone, ...more }).find(([, value]) => value !== undefined);
  if (zone !== undefined || (place !== 's3' && useless !== undefined)) {
    throw new Error('the contexts bodiesZone, bodiesAbove and adoptBucket need a context bodies that uses them');
  }
  return place === undefined ? {} : { bodies: { in: place, ...more } satisfies Bodies };
}

function bodiesAbove(choices: Choices): number | undefined {
  const aboveBytes = choices.wholeNumber('bodiesAbove');
  if (aboveBytes !== undefined) {
    asFunctionsDo('bodiesAbove', { BODIES_BUCKET: 'bucket', BODIES_ABOVE: String(aboveBytes) });
  }
  return aboveBytes;
}

/** Choices that do nothing beside another one: who makes them believes in something that is not there. */
function refuseIneffective(choices: Choices): void {
  const isUrl = choices.oneOf('frontDoor', ['http', 'function-url']) === 'function-url';
  const beside: readonly (readonly [key: string, isUseless: boolean, why: string])[] = [
    ['requestsPerSecond', isUrl, 'a function URL has no such limit: reservedConcurrency bounds it'],
    ['minUnits', !choices.isGiven('maxUnits'), 'without maxUnits the tables are on-demand'],
    ['maxUnits', choices.isGiven('adoptTables'), 'adopted tables keep their capacity'],
    ['alarmTopicArn', choices.yesOrNo('alarms') === false, 'there are no alarms'],
    [
      'alarmEmail',
      choices.yesOrNo('alarms') === false && !choices.isGiven('budgetUsd'),
      'there are no alarms, and no budget',
    ],
  ];
  for (const [key, isUseless, why] of beside) {
    if (isUseless && choices.isGiven(key)) {
      throw new Error(`the context ${key} would do nothing: ${why}`);
    }
  }
}

/** Checks what functions check when they start: a deployment must not succeed with a value that they refuse. */
function asFunctionsDo(key: string, environment: Record<string, string>): void {
  try {
    readConfiguration({ ...LEAST_ENVIRONMENT, ...environment });
  } catch (error) {
    throw new Error(`the context ${key} is not valid: ${(error as Error).message}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const LEAST_ENVIRONMENT = {
  ACCOUNT_ID: '000000000000',
  AWS_REGION: 'us-east-1',
  STREAMS_TABLE: 'streams',
  RECORDS_TABLE: 'records',
};
