import type { Operation } from '../lib/operations/operation.ts';

/** One value of a metric that has the same name as in Kinesis. */
export interface MetricValue {
  readonly name: string;
  readonly unit: 'Count' | 'Bytes' | 'Milliseconds';
  readonly value: number;
}

/** A completed call of an operation. */
export interface CompletedCall {
  readonly operation: Pick<Operation, 'name'>;
  readonly input: object;
  /** Undefined for a fault, or for an empty response. */
  readonly output: object | undefined;
  /** The code of the fault that the client got. */
  readonly fault: string | undefined;
  readonly latencyMs: number;
  /** Epoch ms. */
  readonly nowMs: number;
}

/** The metrics of each shard, by shard id. */
export type ShardTraffic = ReadonlyMap<string, readonly MetricValue[]>;

interface PutEntry {
  readonly ShardId?: string;
  readonly ErrorCode?: string;
}

interface PutInput {
  readonly PartitionKey: string;
  readonly Data: Uint8Array;
}

const count = (name: string, value: number): MetricValue => ({ name, unit: 'Count', value });
const bytes = (name: string, value: number): MetricValue => ({ name, unit: 'Bytes', value });

const THROTTLED = 'ProvisionedThroughputExceededException';

/**
 * Returns the stream-level metrics of a call, under Kinesis' names.
 * https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
 */
export function streamMetrics(call: CompletedCall): MetricValue[] {
  const { name } = call.operation;
  const common = [
    count(`${name}.Success`, hasSucceeded(call) ? 1 : 0),
    { name: `${name}.Latency`, unit: 'Milliseconds' as const, value: call.latencyMs },
  ];
  switch (name) {
    case 'PutRecord':
    case 'PutRecords':
      return [...common, ...putMetrics(call)];
    case 'GetRecords':
      return [...common, ...readMetrics(call, STREAM_READ)];
    default:
      // Kinesis has no metrics of other operations either, and each metric costs money.
      return [];
  }
}

/** A PutRecords call succeeds when at least one of its records succeeds. */
const hasSucceeded = (call: CompletedCall): boolean =>
  call.operation.name === 'PutRecords'
    ? putEntries(call).some(({ entry }) => entry.ErrorCode === undefined)
    : call.fault === undefined;

function putMetrics(call: CompletedCall): MetricValue[] {
  const { name } = call.operation;
  const puts = putEntries(call);
  const taken = puts.filter(({ entry }) => entry.ErrorCode === undefined);
  const throttled = puts.filter(({ entry }) => entry.ErrorCode === THROTTLED).length;
  const size = sum(taken.map(({ record }) => recordSize(record)));
  return [
    bytes(`${name}.Bytes`, size),
    ...(name === 'PutRecords'
      ? [
          count('PutRecords.TotalRecords', puts.length),
          count('PutRecords.SuccessfulRecords', taken.length),
          count('PutRecords.ThrottledRecords', throttled),
          count('PutRecords.FailedRecords', puts.length - taken.length - throttled),
        ]
      : []),
    bytes('IncomingBytes', size),
    count('IncomingRecords', taken.length),
    count('WriteProvisionedThroughputExceeded', throttled),
  ];
}

/** The names of the metrics of a read: first on stream level, then on shard level. */
const STREAM_READ = {
  bytes: 'GetRecords.Bytes',
  records: 'GetRecords.Records',
  age: 'GetRecords.IteratorAgeMilliseconds',
};
const SHARD_READ = { bytes: 'OutgoingBytes', records: 'OutgoingRecords', age: 'IteratorAgeMilliseconds' };

function readMetrics(call: CompletedCall, names: typeof STREAM_READ): MetricValue[] {
  const throttled = count('ReadProvisionedThroughputExceeded', call.fault === THROTTLED ? 1 : 0);
  if (call.fault !== undefined) {
    // A failed read has no iterator age: 0 would mean that the reader is at the tip.
    return [throttled];
  }
  const { records, size, ageMs } = readOutput(call);
  return [
    bytes(names.bytes, size),
    count(names.records, records),
    { name: names.age, unit: 'Milliseconds', value: ageMs },
    throttled,
  ];
}

/**
 * The records and bytes of a call, by shard, under the names of Kinesis' enhanced monitoring.
 * @param readShard the shard that a GetRecords call reads
 */
export function shardMetrics(call: CompletedCall, readShard: string | undefined): ShardTraffic {
  if (call.operation.name === 'GetRecords') {
    return new Map(readShard === undefined ? [] : [[readShard, readMetrics(call, SHARD_READ)]]);
  }
  const byShard = Map.groupBy(putEntries(call), ({ entry }) => entry.ShardId ?? '');
  byShard.delete('');
  return new Map(
    [...byShard].map(([shard, puts]) => [
      shard,
      [
        bytes('IncomingBytes', sum(puts.map(({ record }) => recordSize(record)))),
        count('IncomingRecords', puts.length),
      ],
    ]),
  );
}

/** How many records a call accepted or returned. Undefined for an operation without records. */
export function recordCount(call: CompletedCall): number | undefined {
  if (call.operation.name === 'GetRecords') {
    return readOutput(call).records;
  }
  return call.operation.name.startsWith('PutRecord') ? putEntries(call).length : undefined;
}

/** How many records of a PutRecords call were not stored, of a call that was answered. */
export function failedRecordCount({ operation, output }: CompletedCall): number {
  const { FailedRecordCount = 0 } = (output ?? {}) as { readonly FailedRecordCount?: number };
  return operation.name === 'PutRecords' ? FailedRecordCount : 0;
}

/** Whether a call was throttled, as a whole or for some records. */
export const isThrottled = (call: CompletedCall): boolean =>
  call.fault === THROTTLED || putEntries(call).some(({ entry }) => entry.ErrorCode === THROTTLED);

/** Each record of a put, with its result. */
function putEntries({ operation, input, output, fault }: CompletedCall): { record: PutInput; entry: PutEntry }[] {
  if (operation.name === 'PutRecord') {
    return [{ record: input as PutInput, entry: fault === undefined ? (output as PutEntry) : { ErrorCode: fault } }];
  }
  if (operation.name !== 'PutRecords') {
    return [];
  }
  const { Records: records } = input as { readonly Records: readonly PutInput[] };
  const entries = (output as { readonly Records?: readonly PutEntry[] } | undefined)?.Records;
  return records.map((record, index) => ({ record, entry: entries?.[index] ?? { ErrorCode: fault ?? '' } }));
}

/**
 * Counts the returned records and their bytes, and finds the age of the last one. Without records the age is
 * `MillisBehindLatest`, which is 0 at the tip.
 */
function readOutput({ output, nowMs }: CompletedCall): { records: number; size: number; ageMs: number } {
  const { Records: records = [], MillisBehindLatest = 0 } = (output ?? {}) as {
    readonly Records?: readonly (PutInput & { readonly ApproximateArrivalTimestamp: number })[];
    readonly MillisBehindLatest?: number;
  };
  const last = records.at(-1);
  const ageMs = last === undefined ? MillisBehindLatest : Math.max(0, nowMs - last.ApproximateArrivalTimestamp);
  return { records: records.length, size: sum(records.map(recordSize)), ageMs };
}

const recordSize = ({ Data, PartitionKey }: PutInput): number => Data.length + Buffer.byteLength(PartitionKey);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
