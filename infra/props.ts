import type { Construct } from 'constructs';
import { kinesisLimits, type Limits } from '../lib/model/limits.ts';

/** The AWS service through which clients reach the dispatcher. */
export type FrontDoor = 'http' | 'function-url';

/** Capacity of the tables: paid for each request, or provisioned between bounds and scaled to 70 % utilization. */
export type TableCapacity =
  | { readonly mode: 'on-demand' }
  | { readonly mode: 'provisioned'; readonly minUnits: number; readonly maxUnits: number };

/**
 * The choices of an owner. Every choice has a safe default.
 * @experimental they may change until version 0.3
 */
export interface RivuletProps {
  /** `http`: API Gateway HTTP API. `function-url`: no charge per request. Default: `http`. */
  readonly frontDoor?: FrontDoor;
  /** Whether CloudFront is in front of the function URL, for clients that require HTTP/2. Default: false. */
  readonly cloudFront?: boolean;
  /** Whether the data is deleted with the stack. Default: it is kept, and protected from deletion. */
  readonly sandbox?: boolean;
  /** The address that receives the alarms. Default: CloudWatch only shows them. */
  readonly alarmEmail?: string;
  /** How long logs are kept, days: a value that CloudWatch Logs supports. Default: 30. */
  readonly logRetentionDays?: number;
  /** Other values for limits, by their names in lib/model/limits.ts. */
  readonly limits?: Partial<Limits>;
  /** Memory of the dispatcher, MiB. Processing power grows with it. Default: 1024. */
  readonly memorySize?: number;
  /** The most requests that run at the same time, which bounds the bill. 0: the account's limit. Default: 50. */
  readonly reservedConcurrency?: number;
  /** Requests a second that the HTTP API accepts, which bounds the bill. Default: 1000. */
  readonly requestsPerSecond?: number;
  /** Whether each request is logged and measured. CloudWatch bills the metrics of each stream. Default: true. */
  readonly metrics?: boolean;
  /** Default: on-demand. */
  readonly tableCapacity?: TableCapacity;
  /** Additional host names that clients sign for, such as a custom domain or a proxy. */
  readonly hostNames?: readonly string[];
}

/**
 * Reads the choices from the context of the CDK app: `cdk deploy -c sandbox=true -c frontDoor=function-url`.
 * @throws Error with a sentence that names the key and its valid values
 */
export function propsFromContext(scope: Construct): RivuletProps {
  const context = (key: string): unknown => scope.node.tryGetContext(key) ?? undefined;
  const minUnits = wholeNumber(context('minUnits'), 'minUnits');
  const maxUnits = wholeNumber(context('maxUnits'), 'maxUnits');
  return defined({
    frontDoor: oneOf(context('frontDoor'), 'frontDoor', ['http', 'function-url']),
    cloudFront: yesOrNo(context('cloudFront'), 'cloudFront'),
    sandbox: yesOrNo(context('sandbox'), 'sandbox'),
    alarmEmail: context('alarmEmail') as string | undefined,
    logRetentionDays: wholeNumber(context('logRetentionDays'), 'logRetentionDays'),
    limits: limits(context('limits')),
    metrics: yesOrNo(context('metrics'), 'metrics'),
    memorySize: wholeNumber(context('memorySize'), 'memorySize'),
    reservedConcurrency: wholeNumber(context('reservedConcurrency'), 'reservedConcurrency'),
    requestsPerSecond: wholeNumber(context('requestsPerSecond'), 'requestsPerSecond'),
    tableCapacity:
      maxUnits === undefined ? undefined : { mode: 'provisioned' as const, minUnits: minUnits ?? 1, maxUnits },
    hostNames: (context('hostNames') as string | undefined)?.split(','),
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const defined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;

function oneOf<const T extends string>(value: unknown, key: string, words: readonly T[]): T | undefined {
  if (value !== undefined && !words.includes(value as T)) {
    throw new Error(`the context ${key} must be one of ${words.join(', ')}, not '${value}'`);
  }
  return value as T | undefined;
}

function yesOrNo(value: unknown, key: string): boolean | undefined {
  const word = oneOf(value === undefined ? undefined : String(value), key, ['true', 'false']);
  return word === undefined ? undefined : word === 'true';
}

function wholeNumber(value: unknown, key: string): number | undefined {
  if (value !== undefined && !/^\d+$/.test(String(value))) {
    throw new Error(`the context ${key} must be a whole number, not '${value}'`);
  }
  return value === undefined ? undefined : Number(value);
}

/** An object in cdk.json, or JSON text on the command line. */
function limits(value: unknown): Partial<Limits> | undefined {
  const given = (typeof value === 'string' ? JSON.parse(value) : value) as Partial<Limits> | undefined;
  const unknown = Object.keys(given ?? {}).find((name) => !(name in kinesisLimits));
  if (unknown !== undefined) {
    throw new Error(`the context limits names '${unknown}', which is no limit of lib/model/limits.ts`);
  }
  return given;
}
