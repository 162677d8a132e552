import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { Endpoint } from '../../client/endpoint.ts';
import prices from '../../cost/prices.json' with { type: 'json' };
import { TRAFFIC_PATH } from '../../local/traffic-answer.ts';
import type { StreamRates, Traffic, TrafficSecond } from '../wire.ts';
import { cloudWatchTraffic, NOTHING } from './cloudwatch.ts';

/** How long a server on this machine may take to tell its counters, ms. */
const TIMEOUT_MS = 5_000;

/** The least time between two looks at CloudWatch for one stream, ms, and the streams that are remembered. */
const LOOK_EVERY_MS = 60_000;
const MAX_LOOKS = 100;

const RATE_SECONDS = 60;

/** Seconds of a month, as the estimator counts them: 730 hours. */
const MONTH_SECONDS = 730 * 3_600;

interface Told {
  readonly seconds: readonly TrafficSecond[];
  readonly shards: Traffic['shards'];
  readonly streams?: StreamRates['streams'];
}

/** Finds what a stream gets and gives: counted by a local server, or by CloudWatch, or by nobody. */
export class TrafficSource {
  readonly #endpoint: Endpoint;
  readonly #cloudWatch: CloudWatchClient | undefined;
  readonly #now: () => number;
  readonly #looks = new Map<string, { readonly atMs: number; readonly traffic: Promise<Traffic> }>();

  /**
   * @param cloudWatch undefined: there are no keys for it
   * @param now        epoch ms
   */
  constructor(endpoint: Endpoint, cloudWatch: CloudWatchClient | undefined, now: () => number = Date.now) {
    this.#endpoint = endpoint;
    this.#cloudWatch = cloudWatch;
    this.#now = now;
  }

  /** @param stream undefined: all streams together */
  async traffic(stream: string | undefined): Promise<Traffic> {
    if (this.#endpoint.kind === 'local') {
      const told = await this.#told(stream);
      return told === undefined
        ? { ...NOTHING, note: 'This server does not count: it has access keys, or is another one.' }
        : {
            source: 'process',
            period: 1,
            seconds: told.seconds,
            shards: told.shards,
            dollarsAMonth: stream === undefined ? dollarsAMonth(told.seconds) : undefined,
          };
    }
    if (stream === undefined || this.#cloudWatch === undefined) {
      return { ...NOTHING, note: stream === undefined ? undefined : NO_KEYS };
    }
    return this.#looked(stream, this.#cloudWatch);
  }

  /** CloudWatch bills each look, and knows nothing new within a minute: all screens and tabs share one. */
  #looked(stream: string, cloudWatch: CloudWatchClient): Promise<Traffic> {
    const nowMs = this.#now();
    const last = this.#looks.get(stream);
    if (last !== undefined && nowMs - last.atMs < LOOK_EVERY_MS) {
      return last.traffic;
    }
    const traffic = cloudWatchTraffic(cloudWatch, this.#endpoint.kind, stream, nowMs).catch((error: Error) => ({
      ...NOTHING,
      note: `CloudWatch cannot be read: ${error.message}`,
    }));
    this.#looks.delete(stream);
    this.#looks.set(stream, { atMs: nowMs, traffic });
    if (this.#looks.size > MAX_LOOKS) {
      this.#looks.delete(this.#looks.keys().next().value ?? '');
    }
    return traffic;
  }

  /** The rates of all streams, where they cost nothing. */
  async rates(): Promise<StreamRates> {
    const told = await this.#told(undefined);
    const streams = Object.entries(told?.streams ?? {}).filter(([, rate]) => Array.isArray(rate?.recordsIn));
    return { source: told === undefined ? 'none' : 'process', streams: Object.fromEntries(streams) };
  }

  /** The regions of a local server that have been used. */
  async regions(): Promise<readonly string[]> {
    const { regions } = ((await this.#ask({})) ?? {}) as { readonly regions?: unknown };
    return Array.isArray(regions) ? regions.filter((region) => typeof region === 'string') : [];
  }

  async #told(stream: string | undefined): Promise<Told | undefined> {
    const { region } = this.#endpoint;
    const told = (await this.#ask({ region, ...(stream !== undefined && { stream }) })) as Partial<Told> | undefined;
    const { seconds, shards } = told ?? {};
    // Another server may answer anything.
    const isTraffic = areObjects(seconds) && areObjects(shards) && shards.every(({ readers }) => areObjects(readers));
    return isTraffic ? { ...told, seconds, shards } : undefined;
  }

  /** Another server on this machine has no such path, and answers anything. */
  async #ask(query: Readonly<Record<string, string>>): Promise<unknown> {
    if (this.#endpoint.kind !== 'local') {
      return undefined;
    }
    try {
      const response = await fetch(new URL(`${TRAFFIC_PATH}?${new URLSearchParams(query)}`, this.#endpoint.url), {
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
      });
      return response.ok ? await response.json() : undefined;
    } catch {
      return undefined;
    }
  }
}

const areObjects = <T>(values: readonly T[] | undefined): values is readonly T[] =>
  Array.isArray(values) && values.every((value) => typeof value === 'object' && value !== null);

const NO_KEYS =
  'Metrics of a deployment are in CloudWatch: --metrics-profile names a profile of its AWS account that may read them.';

/** What DynamoDB would bill for a month at the rate of the last minute, at list prices. */
function dollarsAMonth(seconds: readonly TrafficSecond[]): number {
  const since = Math.floor(Date.now() / 1_000) - RATE_SECONDS;
  const recent = seconds.filter(({ at }) => at > since);
  const units = (name: 'readUnits' | 'writeUnits') => recent.reduce((sum, second) => sum + second[name], 0);
  const { perMillionReadUnits, perMillionWriteUnits } = prices.dynamodb;
  const dollars = units('readUnits') * perMillionReadUnits + units('writeUnits') * perMillionWriteUnits;
  return (dollars / 1e6 / RATE_SECONDS) * MONTH_SECONDS;
}
