import prices from './prices.json' with { type: 'json' };

/** A stream's traffic, the same at every moment. */
export interface Traffic {
  readonly recordsPerSecond: number;
  readonly recordBytes: number;
  /** Records that one put request carries: 1 for PutRecord, up to 500 for PutRecords. */
  readonly batch: number;
  /** Consumers that each poll every shard once a second. */
  readonly consumers: number;
  readonly shards: number;
  /** Hours of a month in which there is traffic, and consumers run; the rest is idle. */
  readonly busyHours: number;
}

export interface Deployment {
  readonly frontDoor: 'http' | 'function-url';
  readonly memoryGb: number;
  /** Whether a line and metrics are written for each request. */
  readonly metrics: boolean;
}

/** USD a month, by what it is paid for. */
export type Bill = Readonly<Record<string, number>>;

export const HOURS_PER_MONTH = 730;

/** What is known of Rivulet, and what is assumed where it says so: the rest is arithmetic. */
export const FIGURES = {
  /** Asserted by test/operations/capacity.test.ts, as is the look at the newest batch before a guess. */
  writeUnitsPerReservation: 1,
  readUnitsPerLook: 0.5,
  /** From so many puts a second to one shard on, writers meet and reserve each position; assumed, from their latency. */
  meetingPutsPerSecond: 20,
  /** Bytes of a batch item beside its records, keys and header; assumed, on the high side. */
  itemOverheadBytes: 220,
  /** What zstd leaves of a batch; real JSON measured 0.14 to 0.20, other data less well. */
  compressedShare: 0.35,
  /** A query that finds nothing; asserted by the same test. */
  readUnitsPerPoll: 0.5,
  /** How long a warm function runs, with some 5 ms for each DynamoDB call; an assumption until it is measured deployed. */
  putSeconds: 0.014,
  readSeconds: 0.008,
  /** The line and the metrics of one request; assumed. */
  logBytesPerRequest: 1_100,
  /** What Lambda and the gateway write about each request; assumed. */
  platformLogBytesPerRequest: 600,
  /** Metrics of a stream that is put to (singly, in batches), and of one that is read. */
  putRecordMetrics: 6,
  putRecordsMetrics: 10,
  readMetrics: 6,
} as const;

const KIB = 1024;
const GB = 1e9;
const RETENTION_HOURS = 24;

/** What a month of the traffic costs on Rivulet. */
export function rivuletBill(traffic: Traffic, { frontDoor, memoryGb, metrics }: Deployment): Bill {
  const seconds = traffic.busyHours * 3600;
  const puts = (traffic.recordsPerSecond / traffic.batch) * seconds;
  const polls = traffic.consumers * traffic.shards * seconds;
  const requests = puts + polls;
  const stored = storedPerPut(traffic);
  const gbSeconds = (puts * FIGURES.putSeconds + polls * FIGURES.readSeconds) * memoryGb;
  const readUnits =
    polls * FIGURES.readUnitsPerPoll + puts * stored.readUnits + traffic.consumers * puts * (stored.bytes / (8 * KIB));
  const storedGb = (puts * stored.bytes * Math.min(1, RETENTION_HOURS / Math.max(traffic.busyHours, 1))) / GB;
  const logBytes = FIGURES.platformLogBytesPerRequest + (metrics ? FIGURES.logBytesPerRequest : 0);
  return {
    gateway: frontDoor === 'http' ? million(requests) * prices.httpApi.perMillionRequests : 0,
    lambda: million(requests) * prices.lambda.perMillionRequests + gbSeconds * prices.lambda.perGbSecond,
    'dynamodb writes': million(puts * stored.writeUnits) * prices.dynamodb.perMillionWriteUnits,
    'dynamodb reads': million(readUnits) * prices.dynamodb.perMillionReadUnits,
    'dynamodb storage': storedGb * (prices.dynamodb.perGbMonth + prices.dynamodb.pitrPerGbMonth),
    logs: ((requests * logBytes) / GB) * prices.logs.perGbIngested,
    metrics: metrics ? metricsOf(traffic) * (traffic.busyHours / HOURS_PER_MONTH) * prices.metrics.perMetricMonth : 0,
    secret: prices.secretsManager.perSecretMonth,
  };
}

/** The metrics that a stream of this traffic has; CloudWatch bills each by the hours in which it got values. */
function metricsOf({ recordsPerSecond, batch, consumers }: Traffic): number {
  const putMetrics = batch === 1 ? FIGURES.putRecordMetrics : FIGURES.putRecordsMetrics;
  return (recordsPerSecond > 0 ? putMetrics : 0) + (consumers > 0 ? FIGURES.readMetrics : 0);
}

/** What one put request stores, and what that costs: its records spread over the shards, one item on each that it meets. */
function storedPerPut(traffic: Traffic): { bytes: number; writeUnits: number; readUnits: number } {
  const { recordsPerSecond, batch, recordBytes, shards } = traffic;
  const parts = Math.min(batch, shards);
  const records = batch / parts;
  const body = records * (recordBytes + 4) * (records > 1 ? FIGURES.compressedShare : 1);
  const itemBytes = body + FIGURES.itemOverheadBytes;
  const meet = ((recordsPerSecond / batch) * parts) / shards >= FIGURES.meetingPutsPerSecond;
  const claim = meet
    ? { writeUnits: FIGURES.writeUnitsPerReservation, readUnits: 0 }
    : { writeUnits: 0, readUnits: FIGURES.readUnitsPerLook };
  return {
    bytes: parts * itemBytes,
    writeUnits: parts * (claim.writeUnits + Math.ceil(itemBytes / KIB)),
    readUnits: parts * claim.readUnits,
  };
}

/** What a month of the traffic costs on Kinesis with provisioned shards. */
export function kinesisProvisionedBill(traffic: Traffic): Bill {
  const { perShardHour, perMillionPutUnits, putUnitBytes } = prices.kinesisProvisioned;
  const units = traffic.recordsPerSecond * traffic.busyHours * 3600 * Math.ceil(traffic.recordBytes / putUnitBytes);
  return {
    shards: traffic.shards * HOURS_PER_MONTH * perShardHour,
    'put units': million(units) * perMillionPutUnits,
  };
}

/** What a month of the traffic costs on Kinesis with an on-demand stream. */
export function kinesisOnDemandBill(traffic: Traffic): Bill {
  const { perStreamHour, perGbIn, perGbOut } = prices.kinesisOnDemand;
  // Kinesis bills each record as whole KB.
  const bytes = traffic.recordsPerSecond * traffic.busyHours * 3600 * Math.ceil(traffic.recordBytes / KIB) * KIB;
  return {
    stream: HOURS_PER_MONTH * perStreamHour,
    in: (bytes / GB) * perGbIn,
    out: ((bytes * traffic.consumers) / GB) * perGbOut,
  };
}

export const total = (bill: Bill): number => Object.values(bill).reduce((sum, part) => sum + part, 0);

/** The shards that Kinesis needs for a rate: 1000 records and one MiB a second each. */
export function shardsFor(recordsPerSecond: number, recordBytes: number): number {
  return Math.max(1, Math.ceil(recordsPerSecond / 1000), Math.ceil((recordsPerSecond * recordBytes) / (KIB * KIB)));
}

/** Records a second on one shard from which on a bill of Kinesis is the smaller one. */
export function breakEven(
  traffic: Omit<Traffic, 'recordsPerSecond' | 'shards'>,
  deployment: Deployment,
  other: (traffic: Traffic) => Bill,
): number {
  let [low, high] = [0, 1000];
  for (let steps = 0; steps < 50; steps++) {
    const middle = (low + high) / 2;
    const tried = { ...traffic, shards: 1, recordsPerSecond: middle };
    if (total(rivuletBill(tried, deployment)) < total(other(tried))) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

const million = (count: number): number => count / 1e6;
