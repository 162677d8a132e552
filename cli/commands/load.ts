import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Histogram } from 'hdr-histogram-js';
import { tellLoadCost } from '../../client/cost-notice.ts';
import { openEndpoint } from '../../client/endpoint.ts';
import type { EndpointOptions } from '../../client/endpoint-choice.ts';
import { EXIT, Failure } from '../../client/failure.ts';
import { listShards } from '../../client/reading/shard-map.ts';
import { untilInterrupted } from '../interruption.ts';
import { LoadConsumer } from '../load/load-consumer.ts';
import { type LoadPlan, MeasuredLoad } from '../load/measured-load.ts';
import { drawLoad } from '../load/picture.ts';
import { duration, positiveNumber, wholeNumber } from '../numbers.ts';
import { Progress, printJson, table } from '../output.ts';

interface LoadOptions extends EndpointOptions {
  readonly rate: string;
  readonly recordBytes: string;
  readonly batch: string;
  readonly duration: string;
  readonly consumers: string;
  readonly keys: string;
  readonly svg?: string | undefined;
  readonly json?: true | undefined;
}

/** How long consumers may take for the last records, ms. */
const DRAIN_MS = 15_000;

/** A consumer begins to read a little before the first record: clocks differ. */
const BEFORE_MS = 2_000;

/** Puts and reads at a known rate, and prints what was measured. The exit code tells whether acknowledged records are missing. */
export async function load(stream: string, options: LoadOptions): Promise<void> {
  const plan = planOf(stream, options);
  const consumerCount = wholeNumber('--consumers', options.consumers, 0, 20);
  // Each try of a put is counted: the SDK must not hide any.
  const endpoint = await openEndpoint(options, { maxAttempts: 1 });
  const reading = await openEndpoint(options);
  const shards = (await listShards(endpoint.client, stream)).filter(({ isClosed }) => !isClosed).length;
  const seconds = plan.durationMs / 1_000;
  tellLoadCost(endpoint, { ...plan, seconds, consumers: consumerCount, shards });
  const signal = untilInterrupted();
  const measured = new MeasuredLoad(endpoint.client, plan);
  const consumers = Array.from({ length: consumerCount }, () => new LoadConsumer(measured));
  const reads = new AbortController();
  const from = new Date((endpoint.clock.toldMs ?? Date.now()) - BEFORE_MS);
  const readings = consumers.map((consumer) => consumer.run(reading, stream, from, reads.signal));
  const failure = Promise.all(readings).then(
    () => undefined,
    (error: unknown) => error,
  );
  const progress = new Progress(() => liveLine(measured));
  try {
    await measured.run(signal);
    await drained(consumers, failure);
  } finally {
    reads.abort();
    progress.end();
  }
  const problem = await failure;
  endpoint.client.destroy();
  reading.client.destroy();
  if (problem !== undefined) {
    throw problem;
  }
  await report(plan, measured, consumers, options);
}

function planOf(stream: string, options: LoadOptions): LoadPlan {
  return {
    stream,
    rate: positiveNumber('--rate', options.rate),
    recordBytes: wholeNumber('--record-bytes', options.recordBytes, 16, 10 * 1024 * 1024),
    batch: wholeNumber('--batch', options.batch, 1, 500),
    durationMs: duration('--duration', options.duration),
    keys: wholeNumber('--keys', options.keys, 1),
  };
}

/** Waits until every consumer has all acknowledged records, but not for ever. */
async function drained(consumers: readonly LoadConsumer[], failure: Promise<unknown>): Promise<void> {
  const untilMs = Date.now() + DRAIN_MS;
  while (Date.now() < untilMs && consumers.some((consumer) => consumer.missing() > 0)) {
    await Promise.race([sleep(100), failure]);
  }
}

function liveLine(load: MeasuredLoad): string {
  const last = load.seconds.at(-2);
  const p99 = load.latency.totalCount === 0 ? 0 : load.latency.getValueAtPercentile(99) / 1_000;
  return `${last?.stored ?? 0} stored/s, ${last?.received ?? 0} received/s, ${load.throttled} throttled, ${load.failed} failed, p99 ${p99.toFixed(1)} ms`;
}

const PERCENTILES = [50, 90, 95, 99, 99.9] as const;

const milliseconds = (histogram: Histogram): Record<string, number> => ({
  ...Object.fromEntries(
    PERCENTILES.map((of) => [`p${of}`, histogram.totalCount === 0 ? 0 : histogram.getValueAtPercentile(of) / 1_000]),
  ),
  max: histogram.totalCount === 0 ? 0 : histogram.maxValue / 1_000,
});

async function report(
  plan: LoadPlan,
  load: MeasuredLoad,
  consumers: readonly LoadConsumer[],
  { svg, json }: LoadOptions,
): Promise<void> {
  const readers = consumers.map((consumer) => ({
    missing: consumer.missing(),
    duplicates: consumer.duplicates,
    endToEndMs: milliseconds(consumer.latency),
  }));
  const { sent, stored, throttled, failed, notSent } = load;
  const storedPerSecond = Math.round(stored / (plan.durationMs / 1_000));
  if (svg !== undefined) {
    const title = `${plan.stream}: ${plan.rate} records/s of ${plan.recordBytes} bytes in batches of ${plan.batch}`;
    await writeFile(svg, drawLoad(title, load.seconds));
  }
  const faults = Object.fromEntries(load.faults);
  if (json) {
    const putMs = milliseconds(load.latency);
    printJson({ plan, sent, stored, storedPerSecond, throttled, failed, notSent, faults, putMs, consumers: readers });
  } else {
    console.log(
      `sent ${sent}, stored ${stored} (${storedPerSecond}/s), throttled ${throttled}, failed ${failed}, not sent ${notSent}`,
    );
    for (const [name, count] of load.faults) {
      console.log(`  ${name}: ${count}`);
    }
    console.log(latencyTable(load, consumers));
    for (const [index, { missing, duplicates }] of readers.entries()) {
      console.log(`consumer ${index + 1}: ${missing} acknowledged records missing, ${duplicates} received twice`);
    }
    if (svg !== undefined) {
      console.log(`drawn in ${svg}`);
    }
  }
  if (readers.some(({ missing }) => missing > 0)) {
    throw new Failure('acknowledged records did not reach every consumer', EXIT.failed);
  }
  if (stored === 0) {
    throw new Failure('no record was stored', EXIT.failed);
  }
}

function latencyTable(load: MeasuredLoad, consumers: readonly LoadConsumer[]): string {
  const row = (name: string, histogram: Histogram) => [
    name,
    ...Object.values(milliseconds(histogram)).map((ms) => ms.toFixed(1)),
  ];
  return table(
    ['MS', ...PERCENTILES.map((of) => `P${of}`), 'MAX'],
    [
      row('put', load.latency),
      ...consumers.map((consumer, index) => row(`consumer ${index + 1}, end to end`, consumer.latency)),
    ],
  );
}
