import { call } from '../api.ts';
import { sawPut } from '../seen.ts';

/** A record on its way into a stream. */
export interface NewRecord {
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string;
  /** Base64. */
  readonly Data: string;
}

/** What is to be put. */
export interface PutWork {
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

/** Limits of one PutRecords: its records, and a size below Kinesis' own, which counts keys as well. */
const MAX_RECORDS = 500;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** What is put again, how often at most, and after which pause, ms. */
const PASSING = new Set(['ProvisionedThroughputExceededException', 'InternalFailure']);
const MAX_TRIES = 12;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;

interface Answer {
  readonly Records: readonly {
    readonly ShardId?: string;
    readonly SequenceNumber?: string;
    readonly ErrorCode?: string;
    readonly ErrorMessage?: string;
  }[];
}

/**
 * Puts records in batches. Those that a limit refuses are put again, after pauses that grow.
 * @param onProgress hears of each answer
 * @throws Error for records that are refused for good, or too often
 */
export async function putRecords(
  stream: string,
  records: AsyncIterable<NewRecord> | Iterable<NewRecord>,
  onProgress: (progress: PutProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const writer = new Writer(stream, onProgress, signal);
  for await (const batch of batchesOf(records)) {
    await writer.put(batch);
  }
}

async function* batchesOf(records: AsyncIterable<NewRecord> | Iterable<NewRecord>): AsyncGenerator<NewRecord[]> {
  let batch: NewRecord[] = [];
  let size = 0;
  for await (const record of records) {
    const bytes = record.Data.length + record.PartitionKey.length;
    if (batch.length === MAX_RECORDS || (batch.length > 0 && size + bytes > MAX_BATCH_BYTES)) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(record);
    size += bytes;
  }
  if (batch.length > 0) {
    yield batch;
  }
}

class Writer {
  readonly #stream: string;
  readonly #onProgress: (progress: PutProgress) => void;
  readonly #signal: AbortSignal;
  readonly #byShard = new Map<string, number>();
  #put = 0;
  #bytes = 0;
  #retried = 0;
  #last: PutProgress['last'];

  constructor(stream: string, onProgress: (progress: PutProgress) => void, signal: AbortSignal) {
    this.#stream = stream;
    this.#onProgress = onProgress;
    this.#signal = signal;
  }

  async put(batch: readonly NewRecord[]): Promise<void> {
    let left = batch;
    for (let tries = 1; left.length > 0; tries++) {
      this.#signal.throwIfAborted();
      left = await this.#try(left);
      this.#onProgress({
        put: this.#put,
        bytes: this.#bytes,
        byShard: new Map(this.#byShard),
        last: this.#last,
        retried: this.#retried,
      });
      if (left.length > 0 && tries === MAX_TRIES) {
        throw new Error(`${left.length} records were refused ${MAX_TRIES} times for a limit. ${this.#put} were put.`);
      }
      if (left.length > 0) {
        await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1)), this.#signal);
      }
    }
  }

  /** @returns the records that are to be put again */
  async #try(records: readonly NewRecord[]): Promise<NewRecord[]> {
    const { Records } = await call<Answer>('PutRecords', { StreamName: this.#stream, Records: records }, this.#signal);
    const again: NewRecord[] = [];
    let bytes = 0;
    Records.forEach(({ ShardId = '', SequenceNumber = '', ErrorCode, ErrorMessage }, index) => {
      const record = records[index] as NewRecord;
      if (ErrorCode === undefined) {
        this.#put += 1;
        bytes += bytesOf(record.Data);
        this.#byShard.set(ShardId, (this.#byShard.get(ShardId) ?? 0) + 1);
        this.#last = { shard: ShardId, sequenceNumber: SequenceNumber };
      } else if (PASSING.has(ErrorCode)) {
        again.push(record);
      } else {
        throw new Error(`${ErrorCode}: ${ErrorMessage}`);
      }
    });
    this.#bytes += bytes;
    this.#retried += again.length;
    sawPut(this.#stream, records.length - again.length, bytes, again.length > 0 ? 1 : 0);
    return again;
  }
}

/** Bytes that a text in base64 stands for. */
const bytesOf = (base64: string): number =>
  (base64.length * 3) / 4 - (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0);

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
  });
