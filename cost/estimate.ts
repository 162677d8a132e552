import prices from './prices.json' with { type: 'json' };

/** The traffic of a stream. It is constant during the busy hours. */
export interface Traffic {
  readonly recordsPerSecond: number;
  readonly recordBytes: number;
  /** Records that one put request carries: 1 for PutRecord, up to 500 for PutRecords. */
  readonly batch: number;
  /** Consumers that each poll every shard once a second. */
  readonly consumers: number;
  readonly shards: number;
  /** Hours of a month with traffic and running consumers. The stream is idle in the other hours. */
  readonly busyHours: number;
}

export interface Deployment {
  readonly frontDoor: 'http' | 'function-url';
  readonly memoryGb: number;
  /** Whether a log line and metrics are written for each request. */
  readonly metrics: boolean;
}

/** USD a month, by item of the bill. */
export type Bill = Readonly<Record<string, number>>;

export const HOURS_PER_MONTH = 730;

/** Figures of Rivulet. Assumptions are marked as such. The rest of this file is arithmetic. */
export const FIGURES = {
  /** A reservation, and the read of the newest batch before a guess. test/operations/capacity.test.ts checks both. */
  writeUnitsPerReservation: 1,
  readUnitsPerLook: 0.5,
  /** From this many puts a second to one shard, writers collide and reserve positions. Assumed from their latency. */
  meetingPutsPerSecond: 20,
  /** Bytes of a batch item besides its records, keys and header. Assumed, rather too high than too low. */
  itemOverheadBytes: 220,
  /** The size of a batch after zstd, as a share. Measured: 0.14 to 0.20 for real JSON. Other data compresses less. */
  compressedShare: 0.35,
  /** A query that finds nothing. The same test checks it. */
  readUnitsPerPoll: 0.5,
  /** How long a warm function runs, with about 5 ms for each DynamoDB call. Assumed until a deployment is measured. */
  putSeconds: 0.014,
  readSeconds: 0.008,
  /** Bytes of the log line and the metrics of one request. Assumed. */
  logBytesPerRequest: 1_100,
  /** Bytes that Lambda and the gateway log for each request. Assumed. */
  platformLogBytesPerRequest: 600,
  /** How many metrics a stream has with PutRecord, with PutRecords, and with GetRecords. */
  putRecordMetrics: 6,
  putRecordsMetrics: 10,
  readMetrics: 6,
} as const;

const KIB = 1024;
const GB = 1e9;
const RETENTION_HOURS = 24;

/** Returns the cost of a month of the traffic on Rivulet. */
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

/** Returns how many metrics the stream has. CloudWatch bills each metric for the hours in which it has values. */
function metricsOf({ recordsPerSecond, batch, consumers }: Traffic): number {
  const putMetrics = batch === 1 ? FIGURES.putRecordMetrics : FIGURES.putRecordsMetrics;
  return (recordsPerSecond > 0 ? putMetrics : 0) + (consumers > 0 ? FIGURES.readMetrics : 0);
}

/**
 * Returns what one put request stores, and the units that this costs. Its records are spread over the shards, and
 * each shard with records gets one item.
 */
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

/** Returns the cost of a month of the traffic on Kinesis with provisioned shards. */
export function kinesisProvisionedBill(traffic: Traffic): Bill {
  const { perShardHour, perMillionPutUnits, putUnitBytes } = prices.kinesisProvisioned;
  const units = traffic.recordsPerSecond * traffic.busyHours * 3600 * Math.ceil(traffic.recordBytes / putUnitBytes);
  return {
    shards: traffic.shards * HOURS_PER_MONTH * perShardHour,
    'put units': million(units) * perMillionPutUnits,
  };
}

/** Returns the cost of a month of the traffic on Kinesis with an on-demand stream. */
export function kinesisOnDemandBill(traffic: Traffic): Bill {
  const { perStreamHour, perGbIn, perGbOut } = prices.kinesisOnDemand;
  // Kinesis rounds each record up to whole KB.
  const bytes = traffic.recordsPerSecond * traffic.busyHours * 3600 * Math.ceil(traffic.recordBytes / KIB) * KIB;
  return {
    stream: HOURS_PER_MONTH * perStreamHour,
    in: (bytes / GB) * perGbIn,
    out: ((bytes * traffic.consumers) / GB) * perGbOut,
  };
}

export const total = (bill: Bill): number => Object.values(bill).reduce((sum, part) => sum + part, 0);

/** Returns how many shards Kinesis needs for a rate. A shard accepts 1000 records and one MiB a second. */
export function shardsFor(recordsPerSecond: number, recordBytes: number): number {
  return Math.max(1, Math.ceil(recordsPerSecond / 1000), Math.ceil((recordsPerSecond * recordBytes) / (KIB * KIB)));
}

/** Returns the records a second on one shard above which Kinesis is cheaper than Rivulet. It searches up to 1000. */
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
