import type { Construct } from 'constructs';
import { kinesisLimits, type Limits } from '../lib/model/limits.ts';

/** Which AWS service clients reach the dispatcher through. */
export type FrontDoor = 'http' | 'function-url';

/** Capacity of the tables: bought by the request, or kept ready within bounds and scaled to 70 % use. */
export type TableCapacity =
  | { readonly mode: 'on-demand' }
  | { readonly mode: 'provisioned'; readonly minUnits: number; readonly maxUnits: number };

/** What an owner may choose; every choice has a default that is safe. */
export interface RivuletProps {
  /** `http`: API Gateway HTTP API. `function-url`: no charge per request. Default: `http`. */
  readonly frontDoor?: FrontDoor;
  /** Whether CloudFront is in front of the function URL, for clients that require HTTP/2. Default: false. */
  readonly cloudFront?: boolean;
  /** Whether the data is deleted with the stack. Default: it is kept, and protected from deletion. */
  readonly sandbox?: boolean;
  /** Gets the alarms. Default: alarms are only shown. */
  readonly alarmEmail?: string;
  /** How long logs are kept, days: a value that CloudWatch Logs supports. Default: 30. */
  readonly logRetentionDays?: number;
  /** Other values for limits, by their names in lib/model/limits.ts. */
  readonly limits?: Partial<Limits>;
  /** Memory of the dispatcher, MiB. Processing power grows with it. Default: 1024. */
  readonly memorySize?: number;
  /** Requests that are handled at once at most, which bounds the bill. 0: as many as the account allows. Default: 50. */
  readonly reservedConcurrency?: number;
  /** Requests a second that the HTTP API accepts, which bounds the bill. Default: 1000. */
  readonly requestsPerSecond?: number;
  /** Whether each request is logged and measured; CloudWatch bills metrics by the stream. Default: true. */
  readonly metrics?: boolean;
  /** Default: on-demand. */
  readonly tableCapacity?: TableCapacity;
  /** Host names besides the front door's own that clients sign for: those of a custom domain or a proxy. */
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
