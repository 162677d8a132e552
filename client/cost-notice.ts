import { DEFAULT_DEPLOYMENT } from '../cost/deployment.ts';
import { kinesisProvisionedBill } from '../cost/kinesis.ts';
import prices from '../cost/prices.json' with { type: 'json' };
import { rivuletBill } from '../cost/rivulet.ts';
import { SMALL_STREAM, total } from '../cost/traffic.ts';
import type { Endpoint } from './endpoint.ts';

const HOUR_SECONDS = 3_600;

/** The deployment that notices are about: the dearest front door, and a line for each request. */
const DEPLOYMENT = { ...DEFAULT_DEPLOYMENT, observe: 'all' } as const;

const tell = (text: string): void => console.error(priced(text));

const priced = (text: string): string => `Cost at list prices of ${prices.region}: ${text}`;

const dollars = (amount: number): string => `$${amount < 0.01 ? amount.toFixed(4) : amount.toFixed(2)}`;

/** Says what reading every shard costs, before it begins. On this machine it is free. */
export function tellReadingCost(endpoint: Endpoint, shards: number, isFanOut: boolean): void {
  const cost = readingCost(endpoint, shards, isFanOut);
  if (cost !== undefined) {
    console.error(cost);
  }
}

/** The same as a sentence. @returns undefined on this machine */
export function readingCost({ kind }: Endpoint, shards: number, isFanOut: boolean): string | undefined {
  return kind === 'local' ? undefined : priced(isFanOut ? fanOutCost(kind, shards) : pollingCost(kind, shards));
}

function pollingCost(kind: Endpoint['kind'], shards: number): string {
  if (kind === 'aws') {
    return (
      `reading provisioned streams is free, but takes from the 5 reads and 2 MB a second of each shard; ` +
      `on-demand streams cost $${prices.kinesisOnDemand.perGbOut} a GB.`
    );
  }
  return `about ${dollars(pollingHour(shards))} an hour: ${shards === 1 ? 'a shard' : `each of ${shards} shards`} is read once a second.`;
}

/** An hour of polls of a deployed Rivulet. */
function pollingHour(shards: number): number {
  const traffic = { ...SMALL_STREAM, recordsPerSecond: 0, consumers: 1, shards, busyHours: 1 };
  const { secret: _secret, ...bill } = rivuletBill(traffic, DEPLOYMENT);
  return total(bill);
}

function fanOutCost(kind: Endpoint['kind'], shards: number): string {
  const { perConsumerShardHour, perGb } = prices.kinesisFanOut;
  return kind === 'aws'
    ? `${dollars(perConsumerShardHour * shards)} an hour for ${shards === 1 ? 'a shard' : `${shards} shards`}, and $${perGb} a GB, until the consumer is deregistered.`
    : `about ${dollars(shards * HOUR_SECONDS * prices.lambda.perGbSecond)} an hour: a function runs as long as ${shards === 1 ? 'the subscription' : `each of ${shards} subscriptions`}.`;
}

/** What a registered consumer costs, for a page. On this machine nothing. */
export function consumerCosts({ kind }: Endpoint): { readonly register?: string; readonly watch?: string } {
  const { perConsumerShardHour, perGb } = prices.kinesisFanOut;
  switch (kind) {
    case 'local':
      return {};
    case 'aws':
      return {
        register: priced(
          `$${perConsumerShardHour} an hour for each shard, and $${perGb} a GB that is read, until the consumer is deregistered.`,
        ),
      };
    case 'deployed':
      return { watch: priced(fanOutCost(kind, 1)) };
  }
}

/** Says what a copy costs on either side. */
export function tellCopyingCost(source: Endpoint, target: Endpoint, shards: number): void {
  if (source.kind !== 'local') {
    tellReadingCost(source, shards, false);
  }
  if (target.kind === 'aws') {
    const { perMillionPutUnits } = prices.kinesisProvisioned;
    tell(
      `$${perMillionPutUnits} a million records up to 25 KB put to a provisioned stream, $${prices.kinesisOnDemand.perGbIn} a GB to an on-demand one.`,
    );
  }
  if (target.kind === 'deployed') {
    tell(`about ${dollars(putCost(1_000_000, 200, 500))} a million records of 200 bytes.`);
  }
}

/** What putting records to a deployed Rivulet costs. */
function putCost(records: number, recordBytes: number, batch: number): number {
  const traffic = { ...SMALL_STREAM, recordsPerSecond: records / HOUR_SECONDS, recordBytes, batch, busyHours: 1 };
  const { secret: _secret, ...bill } = rivuletBill(traffic, DEPLOYMENT);
  return total(bill);
}

/** The traffic of a load test. */
export interface PlannedLoad {
  readonly rate: number;
  readonly recordBytes: number;
  readonly batch: number;
  readonly seconds: number;
  readonly consumers: number;
  readonly shards: number;
}

/** Says what a load test costs, before it begins. */
export function tellLoadCost({ kind }: Endpoint, load: PlannedLoad): void {
  if (kind === 'local') {
    return;
  }
  const hours = load.seconds / HOUR_SECONDS;
  const records = load.rate * load.seconds;
  if (kind === 'aws') {
    const traffic = { ...SMALL_STREAM, recordsPerSecond: load.rate, ...load, busyHours: hours };
    const units = kinesisProvisionedBill(traffic)['put units'] ?? 0;
    const gb = (records * Math.ceil(load.recordBytes / 1_024) * 1_024) / 1e9;
    const onDemand = gb * (prices.kinesisOnDemand.perGbIn + load.consumers * prices.kinesisOnDemand.perGbOut);
    tell(
      `${dollars(units)} on a provisioned stream, ${dollars(onDemand)} on an on-demand one, besides the stream itself.`,
    );
    return;
  }
  const puts = putCost(records, load.recordBytes, load.batch);
  tell(`about ${dollars(puts + load.consumers * pollingHour(load.shards) * hours)} for this load.`);
}
