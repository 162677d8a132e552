import { writeFile } from 'node:fs/promises';
import { usage } from '../../client/failure.ts';
import { type Bar, dollars, svgBars, terminalBars } from '../../cost/chart.ts';
import { bills, breakEven, levers } from '../../cost/compare.ts';
import { DEFAULT_DEPLOYMENT, type Deployment } from '../../cost/deployment.ts';
import { kinesisOnDemandBill, kinesisProvisionedBill } from '../../cost/kinesis.ts';
import prices from '../../cost/prices.json' with { type: 'json' };
import type { BodyPlace } from '../../cost/threshold.ts';
import { type Bill, HOURS_PER_MONTH, shardsFor, type Traffic, total } from '../../cost/traffic.ts';
import { printJson } from '../output.ts';

interface CostOptions {
  readonly streams: string;
  readonly recordsPerSecond: string;
  readonly recordBytes: string;
  readonly batch: string;
  readonly consumers: string;
  readonly subscriptions: string;
  readonly shards?: string | undefined;
  readonly retentionHours: string;
  readonly busyHours: string;
  readonly frontDoor: Deployment['frontDoor'];
  readonly cloudfront?: true | undefined;
  readonly memory: string;
  readonly observe: string;
  readonly streamMetrics: string;
  readonly tracing?: true | undefined;
  readonly alarms: boolean;
  readonly dashboard?: true | undefined;
  readonly bodies: BodyPlace;
  readonly dataOut?: true | undefined;
  readonly levers?: true | undefined;
  readonly svg?: string | undefined;
  readonly json?: true | undefined;
}

/** The largest record, and the largest request, of Kinesis. */
const MOST_RECORD_BYTES = 10 * 1_024 * 1_024;

/** Prints what a month of some traffic costs on Rivulet and on Kinesis. */
export async function cost(options: CostOptions): Promise<void> {
  const traffic = trafficOf(options);
  const deployment = deploymentOf(options);
  const compared = bills(traffic, deployment);
  const { recordsPerSecond: _rate, shards: _shards, ...kind } = traffic;
  const breakEvens = {
    provisioned: breakEven(kind, deployment, kinesisProvisionedBill),
    'on-demand standard': breakEven(kind, deployment, kinesisOnDemandBill),
  };
  const bars = Object.entries(compared).map(([name, bill]) => ({ name, usd: total(bill) }));
  if (options.svg !== undefined) {
    const title = `USD a month, list prices of ${prices.region}, ${prices.asOf}`;
    await writeFile(options.svg, svgBars(title, [{ title: JSON.stringify(traffic), bars }]));
  }
  if (options.json) {
    const { region, asOf, currency } = prices;
    const saved = options.levers && { levers: levers(traffic) };
    printJson({ traffic, deployment, prices: { region, asOf, currency }, bills: compared, breakEvens, ...saved });
    return;
  }
  console.log(
    `${JSON.stringify(traffic)}\n${JSON.stringify(deployment)}\nlist prices of ${prices.region}, ${prices.asOf}\n`,
  );
  for (const [name, bill] of Object.entries(compared)) {
    printBill(name, bill);
  }
  console.log('(on-demand advantage is a commitment of the account: at least 25 MiB a second)');
  printBars(bars);
  printBreakEvens(breakEvens);
  if (options.levers) {
    printLevers(traffic);
  }
}

function trafficOf(options: CostOptions): Traffic {
  const recordsPerSecond = number('--records-per-second', options.recordsPerSecond);
  const recordBytes = number('--record-bytes', options.recordBytes, 0, MOST_RECORD_BYTES);
  const { shards } = options;
  const traffic = {
    streams: whole('--streams', options.streams, 1),
    recordsPerSecond,
    recordBytes,
    batch: whole('--batch', options.batch, 1, 500),
    consumers: whole('--consumers', options.consumers),
    subscriptions: whole('--subscriptions', options.subscriptions),
    shards: shards === undefined ? shardsFor(recordsPerSecond, recordBytes) : whole('--shards', shards, 1),
    retentionHours: number('--retention-hours', options.retentionHours, 24, 8_760),
    busyHours: number('--busy-hours', options.busyHours, 0, HOURS_PER_MONTH),
  };
  if (traffic.batch * recordBytes > MOST_RECORD_BYTES) {
    throw usage('--batch and --record-bytes together are more than the 10 MiB of a request');
  }
  const needed = shardsFor(recordsPerSecond, recordBytes);
  if (traffic.shards < needed) {
    throw usage(`--shards must be at least ${needed} for this rate: a shard accepts 1,000 records and 1 MiB a second`);
  }
  return traffic;
}

/** @throws Failure for choices that cannot be deployed together */
function deploymentOf(options: CostOptions): Deployment {
  const { frontDoor } = options;
  if (options.cloudfront && frontDoor !== 'function-url') {
    throw usage('--cloudfront stands in front of the function URL only: add --front-door function-url');
  }
  if (Number(options.subscriptions) > 0 && frontDoor !== 'function-url') {
    throw usage('--subscriptions need a front door that streams: add --front-door function-url');
  }
  const streams = whole('--streams', options.streams, 1);
  const observe = observation(options.observe);
  return {
    ...DEFAULT_DEPLOYMENT,
    frontDoor,
    cloudFront: options.cloudfront ?? false,
    memoryMib: number('--memory', options.memory, 128, 10_240),
    observe,
    streamsWithMetrics:
      options.streamMetrics === 'all' || (observe === 'all' && options.streamMetrics === '')
        ? streams
        : number('--stream-metrics', options.streamMetrics || '0'),
    tracing: options.tracing ?? false,
    alarms: options.alarms,
    dashboard: options.dashboard ?? false,
    bodies: options.bodies,
    dataOut: options.dataOut ?? false,
  };
}

function observation(text: string): Deployment['observe'] {
  const [, oneIn] = /^sampled:([1-9]\d*)$/.exec(text) ?? [];
  if (oneIn !== undefined) {
    return { sampledOneIn: Number(oneIn) };
  }
  if (text !== 'faults' && text !== 'all') {
    throw usage(`--observe must be one of faults, all, sampled:100 (one in a hundred), not '${text}'`);
  }
  return text;
}

function number(option: string, text: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least || value > most) {
    const upTo = most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`;
    throw usage(`${option} must be a number from ${least} ${upTo}, not '${text}'`);
  }
  return value;
}

function whole(option: string, text: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  const value = number(option, text, least, most);
  if (!Number.isInteger(value)) {
    throw usage(`${option} must be a whole number, not '${text}'`);
  }
  return value;
}

function printBill(name: string, bill: Bill): void {
  console.log(`${name.padEnd(32)}${dollars(total(bill)).padStart(10)} a month`);
  for (const [part, amount] of Object.entries(bill).filter(([, usd]) => usd > 0)) {
    console.log(`    ${part.padEnd(28)}${dollars(amount).padStart(10)}`);
  }
}

/** A bar that is so much longer than that of Rivulet would leave nothing of the others: the least rate of on-demand advantage is for large accounts. */
const MOST_TIMES = 20;

function printBars(bars: readonly Bar[]): void {
  const [rivulet] = bars;
  const drawn = bars.filter(({ usd }) => usd <= MOST_TIMES * Math.max(rivulet?.usd ?? 0, 1));
  console.log(`\n${terminalBars(drawn)}`);
}

/** Below this rate, records a second, Kinesis is cheaper even for an idle stream. */
const IDLE_RATE = 0.05;

function printBreakEvens(breakEvens: Readonly<Record<string, number | undefined>>): void {
  console.log('\nOne shard of such records is cheaper on Kinesis');
  for (const [mode, rate] of Object.entries(breakEvens)) {
    console.log(`  ${mode}: ${rateInWords(rate)}`);
  }
}

function rateInWords(rate: number | undefined): string {
  if (rate === undefined) {
    return 'at no rate that it accepts';
  }
  return rate < IDLE_RATE ? 'at any rate' : `from ${rate.toFixed(1)} records/s on`;
}

function printLevers(traffic: Traffic): void {
  console.log('\nWhat each choice alone saves of what version 0.2 deployed, a month');
  for (const { name, saves } of levers(traffic)) {
    console.log(`    ${name.padEnd(38)}${dollars(saves).padStart(10)}`);
  }
}
