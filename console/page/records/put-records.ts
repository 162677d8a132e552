import { BatchWriter, isPassing, type OutgoingRecord, type PutResult } from '../../../client/writing/batch-writer.ts';
import { type ApiError, call } from '../api.ts';
import { sawPut, sawThrottle } from '../seen.ts';

/** A record on its way into a stream. Its data is in base64. */
export type NewRecord = OutgoingRecord<string>;

/** What is to be put. */
export interface PutWork {
  /** Whether those of a partition key are to be stored in their order, one a call. */
  readonly keepsOrder: boolean;
  readonly records: AsyncIterable<NewRecord> | Iterable<NewRecord>;
  /** All of them together; undefined: unknown. */
  readonly total?: number;
}

/** Where records went so far. */
export interface PutProgress {
  readonly put: number;
  /** Bytes of data. */
  readonly bytes: number;
  readonly byShard: ReadonlyMap<string, number>;
  readonly last: { readonly shard: string; readonly sequenceNumber: string } | undefined;
  /** How often records were refused for a limit, and put again. */
  readonly retried: number;
}

/** Records that are gathered before they are put: of more keys, more go at once. */
const GATHERED = 5_000;
const GATHERED_BYTES = 16 * 1024 * 1024;

/**
 * Puts records in batches. What a limit refuses is put again, after pauses that grow.
 * @param onProgress hears of each answer
 * @param signal     ends it between two calls
 * @throws Error for records that are refused for good, or too often: then others may be stored
 */
export async function putRecords(
  stream: string,
  { records, keepsOrder }: Pick<PutWork, 'records' | 'keepsOrder'>,
  onProgress: (progress: PutProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const byShard = new Map<string, number>();
  let last: PutProgress['last'];
  let [put, bytes, retried] = [0, 0, 0];
  const writer = new BatchWriter<string>({
    bytesOf,
    keepsOrder,
    signal,
    put: async (batch) => {
      const results = await putBatch(stream, batch);
      for (const { ShardId: shard = '', SequenceNumber: sequenceNumber } of results) {
        if (sequenceNumber !== undefined) {
          byShard.set(shard, (byShard.get(shard) ?? 0) + 1);
          last = { shard, sequenceNumber };
        }
      }
      return results;
    },
    onPut: (stored, failed, storedBytes) => {
      put += stored;
      bytes += storedBytes;
      retried += failed;
      sawPut(stream, stored, storedBytes);
      onProgress({ put, bytes, byShard: new Map(byShard), last, retried });
    },
  });
  for await (const group of groupsOf(records)) {
    await writer.write(group);
  }
}

/** Everything before a record that cannot be made is put, as `rivulet import` does. */
async function* groupsOf(records: AsyncIterable<NewRecord> | Iterable<NewRecord>): AsyncGenerator<NewRecord[]> {
  let group: NewRecord[] = [];
  let size = 0;
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const record of records) {
      group.push(record);
      size += record.data.length;
      if (group.length === GATHERED || size > GATHERED_BYTES) {
        yield group;
        [group, size] = [[], 0];
      }
    }
  } catch (error) {
    failure = { error };
  }
  if (group.length > 0) {
    yield group;
  }
  if (failure !== undefined) {
    throw failure.error;
  }
}

/** A call that has begun is waited for, also when the put is to end: what it has stored is counted. */
async function putBatch(StreamName: string, records: readonly NewRecord[]): Promise<readonly PutResult[]> {
  const input = {
    StreamName,
    Records: records.map(({ partitionKey, explicitHashKey, data }) => ({
      PartitionKey: partitionKey,
      ExplicitHashKey: explicitHashKey,
      Data: data,
    })),
  };
  return call<{ Records: readonly PutResult[] }>('PutRecords', input).then(({ Records }) => {
    if (Records.some(({ ErrorCode }) => ErrorCode !== undefined)) {
      sawThrottle(StreamName);
    }
    return Records;
  }, refusedAll(records));
}

/** A whole call that was refused for what passes is as if each of its records was: they are put again. */
const refusedAll =
  (records: readonly NewRecord[]) =>
  (error: ApiError): readonly PutResult[] => {
    if (!isPassing(error.code)) {
      throw error;
    }
    return records.map(() => ({ ErrorCode: error.code, ErrorMessage: error.message }));
  };

/** Bytes that a text in base64 stands for. */
const bytesOf = (base64: string): number =>
  (base64.length * 3) / 4 - (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0);
