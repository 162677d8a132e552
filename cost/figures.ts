/** Figures of Rivulet. Assumptions are marked as such. The rest of this folder is arithmetic. */
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
  /** A subscription at the tip looks once a second, and makes 84 calls a minute in all. docs/deploy.md#subscriptions */
  readUnitsPerSubscribedSecond: 0.7,
  /** How long a warm function of 1 GB runs, with about 5 ms for each DynamoDB call. Assumed until a deployment is measured. */
  putSeconds: 0.014,
  readSeconds: 0.008,
  /** The part of that which is processor time, by one full vCPU. Measured: `npm run bench:memory`. */
  putCpuSeconds: 0.0008,
  readCpuSeconds: 0.0007,
  /** What an object adds to that: latencies of S3 in its own region. Assumed until a deployment is measured. */
  objectPutSeconds: { s3: 0.04, 's3-express': 0.008 },
  objectGetSeconds: { s3: 0.025, 's3-express': 0.005 },
  /** Bytes of the log line of one request, and of the metrics of one. Assumed. */
  lineBytes: 400,
  metricBytes: 700,
  /** Bytes that Lambda and the gateway log for each request, unless they are turned down. Assumed. */
  platformLogBytes: 600,
  gatewayLogBytes: 250,
  /** The share of requests that fail, are throttled or are slow, and so have a line in any case. Assumed. */
  remarkableShare: 0.001,
  /** How many metrics a stream has with PutRecord, with PutRecords, and with GetRecords. */
  putRecordMetrics: 6,
  putRecordsMetrics: 10,
  readMetrics: 6,
  /** Alarms of the stack. test/infra/stack.test.ts counts them. */
  alarms: { http: 10, 'function-url': 9 },
  /** Requests that Lambda traces: the first of each second, and this share of the others. */
  tracedShare: 0.05,
  /** Bytes that a record has in a response for each byte of data: base64, and the JSON around it. Assumed. */
  answerFactor: 4 / 3,
  answerBytesPerRecord: 200,
  /** Bytes that a record has in a request besides its data in base64. Assumed. */
  requestBytesPerRecord: 80,
} as const;

/** MiB of memory that come with one full vCPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const VCPU_MIB = 1_769;
