import { OBJECT_LIVES_DAYS } from '../lib/store/object-lives.ts';
import type { Deployment } from './deployment.ts';
import { FIGURES, VCPU_MIB } from './figures.ts';
import prices from './prices.json' with { type: 'json' };
import { type BodyPlace, bodyThreshold, bucketPrices } from './threshold.ts';
import { type Bill, GB, HOURS_PER_MONTH, KIB, keptShare, million, type Traffic } from './traffic.ts';

/** The time from which FIGURES tells how long a function runs. */
const FIGURES_MIB = 1_024;

/** A body and a batch expire some hours after their time: at the next midnight in S3, on average. */
const S3_ROUNDING_DAYS = 0.5;

/** A subscription lasts for five minutes. */
const SUBSCRIPTION_SECONDS = 300;

/** Requests of a month. */
export interface Requests {
  readonly puts: number;
  readonly polls: number;
  readonly subscriptions: number;
}

const requestsOf = (traffic: Traffic): Requests => {
  const seconds = traffic.busyHours * 3600 * traffic.streams;
  return {
    puts: (traffic.recordsPerSecond / traffic.batch) * seconds,
    polls: traffic.consumers * traffic.shards * seconds,
    subscriptions: (traffic.subscriptions * traffic.shards * seconds) / SUBSCRIPTION_SECONDS,
  };
};

/** Returns the cost of a month of the traffic on Rivulet, by list prices. Free allowances of accounts count for alarms, dashboards, traces and CloudFront only. */
export function rivuletBill(traffic: Traffic, deployment: Deployment): Bill {
  const requests = requestsOf(traffic);
  const count = requests.puts + requests.polls + requests.subscriptions;
  const stored = storedPerPut(traffic, deployment.bodies);
  const out = answerBytes(traffic);
  return {
    gateway: deployment.frontDoor === 'http' ? gatewayCost(traffic, requests, out) : 0,
    'lambda requests': million(count) * prices.lambda.perMillionRequests,
    'lambda time': lambdaGbSeconds(traffic, requests, stored, deployment) * prices.lambda.perGbSecond,
    'streamed answers': deployment.frontDoor === 'http' ? 0 : streamedCost(traffic, requests, out),
    ...dynamoDb(traffic, requests, stored),
    ...objects(traffic, requests, stored, deployment.bodies),
    ...observation(traffic, count, deployment),
    // What leaves through CloudFront is billed there.
    'data out':
      deployment.dataOut && !deployment.cloudFront
        ? Math.max(0, out / GB - prices.dataOut.freeGb) * prices.dataOut.perGb
        : 0,
    cloudfront: deployment.cloudFront ? cloudFrontCost(count, out) : 0,
    secret: prices.secretsManager.perSecretMonth * (deployment.cloudFront ? 2 : 1),
  };
}

/** The HTTP API counts a request once for each 512 KiB that it has, or that its response has. */
function gatewayCost(traffic: Traffic, { puts, polls, subscriptions }: Requests, out: number): number {
  const { incrementBytes, perMillionRequests } = prices.httpApi;
  const increments = (bytes: number) => Math.max(1, Math.ceil(bytes / incrementBytes));
  const putBytes = traffic.batch * (traffic.recordBytes * FIGURES.answerFactor + FIGURES.requestBytesPerRecord);
  const pollBytes = polls === 0 ? 0 : (out * (traffic.consumers / readers(traffic))) / polls;
  return million(puts * increments(putBytes) + polls * increments(pollBytes) + subscriptions) * perMillionRequests;
}

/** What one put request stores. Its records are spread over the shards, and each shard with records gets one item. */
export interface StoredPerPut {
  readonly items: number;
  /** Bytes of the items. */
  readonly itemBytes: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Objects, and their bytes. */
  readonly objects: number;
  readonly objectBytes: number;
}

/** Returns what one put request stores, and the units that this costs. */
export function storedPerPut(traffic: Traffic, place: BodyPlace): StoredPerPut {
  const { recordsPerSecond, batch, recordBytes, shards } = traffic;
  const items = Math.min(batch, shards);
  const records = batch / items;
  const body = records * (recordBytes + 4) * (records > 1 ? FIGURES.compressedShare : 1);
  const isObject = place !== 'dynamodb' && body > bodyThreshold(place);
  const itemBytes = (isObject ? 0 : body) + FIGURES.itemOverheadBytes;
  const meet = ((recordsPerSecond / batch) * items) / shards >= FIGURES.meetingPutsPerSecond;
  const claim = meet
    ? { writeUnits: FIGURES.writeUnitsPerReservation, readUnits: 0 }
    : { writeUnits: 0, readUnits: FIGURES.readUnitsPerLook };
  return {
    items,
    itemBytes: items * itemBytes,
    writeUnits: items * (claim.writeUnits + Math.ceil(itemBytes / KIB)),
    readUnits: items * claim.readUnits,
    objects: isObject ? items : 0,
    objectBytes: isObject ? items * body : 0,
  };
}

/** How often what is put is read. */
const readers = ({ consumers, subscriptions }: Traffic): number => consumers + subscriptions;

function lambdaGbSeconds(traffic: Traffic, requests: Requests, stored: StoredPerPut, deployment: Deployment): number {
  const { memoryMib, bodies } = deployment;
  const seconds =
    requests.puts * secondsAt(memoryMib, FIGURES.putSeconds, FIGURES.putCpuSeconds) +
    requests.polls * secondsAt(memoryMib, FIGURES.readSeconds, FIGURES.readCpuSeconds) +
    requests.subscriptions * SUBSCRIPTION_SECONDS;
  // A put stores its objects side by side. A read fetches those of a shard side by side as well.
  const object =
    bodies === 'dynamodb' || stored.objects === 0
      ? 0
      : requests.puts * (FIGURES.objectPutSeconds[bodies] + traffic.consumers * FIGURES.objectGetSeconds[bodies]);
  return (seconds + object) * (memoryMib / 1_024);
}

/** How long a request runs with some memory: processor time grows as memory shrinks, waiting does not. */
export function secondsAt(memoryMib: number, seconds: number, cpuSeconds: number): number {
  const cpuAt = (mib: number) => (cpuSeconds * VCPU_MIB) / Math.min(mib, VCPU_MIB);
  return seconds - cpuAt(FIGURES_MIB) + cpuAt(memoryMib);
}

/** Bytes of all responses with records. */
function answerBytes(traffic: Traffic): number {
  const records = traffic.streams * traffic.recordsPerSecond * traffic.busyHours * 3600;
  return records * readers(traffic) * (traffic.recordBytes * FIGURES.answerFactor + FIGURES.answerBytesPerRecord);
}

/** Lambda bills what a response has beyond its first 6 MiB. */
function streamedCost(traffic: Traffic, { polls, subscriptions }: Requests, out: number): number {
  const answers = polls + subscriptions;
  if (answers === 0) {
    return 0;
  }
  const share = readers(traffic) === 0 ? 0 : out / readers(traffic);
  const beyond = (requests: number, bytes: number) => Math.max(0, bytes - requests * prices.lambda.unstreamedBytes);
  const bytes = beyond(polls, share * traffic.consumers) + beyond(subscriptions, share * traffic.subscriptions);
  return (bytes / KIB ** 3) * prices.lambda.perStreamedGib;
}

function dynamoDb(traffic: Traffic, { puts, polls, subscriptions }: Requests, stored: StoredPerPut): Bill {
  const { perMillionWriteUnits, perMillionReadUnits, perGbMonth, pitrPerGbMonth } = prices.dynamodb;
  const units =
    polls * FIGURES.readUnitsPerPoll +
    subscriptions * SUBSCRIPTION_SECONDS * FIGURES.readUnitsPerSubscribedSecond +
    puts * stored.readUnits +
    readers(traffic) * puts * (stored.itemBytes / (8 * KIB));
  const keptHours = Math.ceil(traffic.retentionHours / 24) * 24;
  const gb = (puts * stored.itemBytes * keptShare(traffic.busyHours, keptHours)) / GB;
  return {
    'dynamodb writes': million(puts * stored.writeUnits) * perMillionWriteUnits,
    'dynamodb reads': million(units) * perMillionReadUnits,
    'dynamodb storage': gb * perGbMonth,
    'point-in-time recovery': gb * pitrPerGbMonth,
  };
}

function objects(traffic: Traffic, { puts }: Requests, stored: StoredPerPut, place: BodyPlace): Bill {
  if (place === 'dynamodb') {
    return {};
  }
  const { perMillionPuts, perMillionGets, perGbIn, perGbRead, perGbMonth } = bucketPrices(place);
  const count = puts * stored.objects;
  const gb = (puts * stored.objectBytes) / GB;
  // As the writer chooses: whole days, and two hours.
  const neededHours = Math.ceil(traffic.retentionHours / 24) * 24 + 2.5;
  const keptDays = OBJECT_LIVES_DAYS.find((days) => days * 24 >= neededHours) ?? 367;
  return {
    's3 requests': million(count) * (perMillionPuts + readers(traffic) * perMillionGets),
    's3 transfer': gb * (perGbIn + readers(traffic) * perGbRead),
    's3 storage': gb * keptShare(traffic.busyHours, (keptDays + S3_ROUNDING_DAYS) * 24) * perGbMonth,
  };
}

function observation(traffic: Traffic, requests: number, deployment: Deployment): Bill {
  const { observe, platformLines, alarms, dashboard, frontDoor } = deployment;
  const measured = Math.min(deployment.streamsWithMetrics, traffic.streams);
  const lines =
    observe === 'all'
      ? 1
      : FIGURES.remarkableShare + (observe === 'faults' ? 0 : (1 - FIGURES.remarkableShare) / observe.sampledOneIn);
  const gateway = frontDoor === 'http' && observe === 'all' && !platformLines ? FIGURES.gatewayLogBytes : 0;
  const bytes =
    requests *
    (lines * FIGURES.lineBytes +
      (measured / Math.max(1, traffic.streams)) * FIGURES.metricBytes +
      gateway +
      (platformLines ? FIGURES.platformLogBytes : 0));
  const { perAlarmMonth, free } = prices.alarms;
  return {
    logs: (bytes / GB) * prices.logs.perGbIngested,
    metrics: measured * metricsOf(traffic) * (traffic.busyHours / HOURS_PER_MONTH) * prices.metrics.perMetricMonth,
    traces: deployment.tracing ? tracesCost(requests, traffic.busyHours) : 0,
    alarms: alarms ? Math.max(0, FIGURES.alarms[frontDoor] - free) * perAlarmMonth : 0,
    dashboard: dashboard ? Math.max(0, 1 - prices.dashboards.free) * prices.dashboards.perDashboardMonth : 0,
  };
}

/** Returns how many metrics a stream has. CloudWatch bills each metric for the hours in which it has values. */
function metricsOf({ recordsPerSecond, batch, consumers }: Traffic): number {
  const putMetrics = batch === 1 ? FIGURES.putRecordMetrics : FIGURES.putRecordsMetrics;
  return (recordsPerSecond > 0 ? putMetrics : 0) + (consumers > 0 ? FIGURES.readMetrics : 0);
}

function tracesCost(requests: number, busyHours: number): number {
  const first = Math.min(requests, busyHours * 3600);
  const traces = first + (requests - first) * FIGURES.tracedShare;
  return Math.max(0, million(traces) - prices.traces.freeMillion) * prices.traces.perMillion;
}

function cloudFrontCost(requests: number, bytes: number): number {
  const { perMillionRequests, perGb, freeMillionRequests, freeGb } = prices.cloudFront;
  return (
    Math.max(0, million(requests) - freeMillionRequests) * perMillionRequests + Math.max(0, bytes / GB - freeGb) * perGb
  );
}
