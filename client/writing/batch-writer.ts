import { pause } from '../pause.ts';

/** A record to be put. */
export interface OutgoingRecord<D = Uint8Array> {
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
  readonly data: D;
}

/** What became of a record: where it is stored, or why it is not. */
export interface PutResult {
  readonly ShardId?: string | undefined;
  readonly SequenceNumber?: string | undefined;
  readonly ErrorCode?: string | undefined;
  readonly ErrorMessage?: string | undefined;
}

/** What PutRecords takes at once. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
const MAX_RECORDS = 500;
const MAX_BYTES = 5 * 1024 * 1024;

/** The pauses after refusals, ms. Each try in which the endpoint took nothing makes them longer; after the last one it is given up. */
const PAUSES_MS = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000, 5_000];

const encoder = new TextEncoder();

/** What passes by itself. PutRecords has the first two for a part of its records, and all of them for a whole call. */
const PASSING = new Set([
  'ProvisionedThroughputExceededException',
  'InternalFailure',
  'LimitExceededException',
  'ThrottlingException',
  'KMSThrottlingException',
]);

/** Whether what was refused with a code may be put again. */
export const isPassing = (code: string): boolean => PASSING.has(code);

/** Records that an endpoint refuses for good, or for too long. */
export class RecordsRefused extends Error {
  readonly records: number;

  constructor(records: number, code: string, message: string) {
    const often = isPassing(code) ? ' again and again' : '';
    super(`${records} ${records === 1 ? 'record was' : 'records were'} refused${often}: ${code}: ${message}`);
    this.records = records;
  }
}

export interface WriterOptions<D> {
  /** Puts records by one call. @returns what became of each, in their order */
  readonly put: (records: readonly OutgoingRecord<D>[]) => Promise<readonly PutResult[]>;
  /** The bytes that data stands for. */
  readonly bytesOf: (data: D) => number;
  /** Whether records of a partition key are stored in their order. Undefined: they are, and a call has one of each key at most. */
  readonly keepsOrder?: boolean;
  /** Records of one call. */
  readonly batch?: number;
  /** Told of every call: how many records were stored, and how many have to be put again. */
  readonly onPut?: (stored: number, failed: number, bytes: number) => void;
  /** Ends the writing between two calls: then `write` throws its reason. */
  readonly signal?: AbortSignal;
}

/** What failed of a batch. */
interface Failed {
  readonly records: number;
  readonly code: string;
  readonly message: string;
}

/** Records that are put one after the other. */
type Chains<D> = Map<unknown, OutgoingRecord<D>[]>;

/**
 * Puts records in batches, and those that fail again. A batch never has two records with the same partition key: if the first one
 * failed and the second did not, the second one would overtake it. So the records of a key keep their order, unless nobody minds.
 */
export class BatchWriter<D = Uint8Array> {
  readonly #options: WriterOptions<D>;

  constructor(options: WriterOptions<D>) {
    this.#options = options;
  }

  /**
   * Resolves when all records are stored.
   * @throws RecordsRefused, or what the endpoint answers: then some may be stored
   */
  async write(records: readonly OutgoingRecord<D>[]): Promise<void> {
    const chains: Chains<D> = Map.groupBy(records, (record) => this.#chainOf(record));
    let tries = 0;
    while (chains.size > 0) {
      this.#options.signal?.throwIfAborted();
      const batch = this.#nextBatch(chains);
      const failed = await this.#put(batch, chains);
      if (failed !== undefined && !isPassing(failed.code)) {
        throw new RecordsRefused(failed.records, failed.code, failed.message);
      }
      if (failed === undefined) {
        tries = 0;
        continue;
      }
      tries = failed.records < batch.length ? 0 : tries + 1;
      const pauseMs = PAUSES_MS[Math.max(0, tries - 1)];
      if (pauseMs === undefined) {
        throw new RecordsRefused(failed.records, failed.code, failed.message);
      }
      await pause(pauseMs * (0.5 + Math.random() / 2), this.#options.signal);
    }
  }

  #chainOf(record: OutgoingRecord<D>): unknown {
    return this.#options.keepsOrder === false ? record : record.partitionKey;
  }

  /** The first record of as many chains as fit. */
  #nextBatch(chains: Chains<D>): OutgoingRecord<D>[] {
    const { batch: most = MAX_RECORDS, bytesOf } = this.#options;
    const batch: OutgoingRecord<D>[] = [];
    let bytes = 0;
    for (const [record] of chains.values()) {
      if (record === undefined) {
        continue;
      }
      const size = bytesOf(record.data) + encoder.encode(record.partitionKey).length;
      if (batch.length > 0 && (batch.length >= Math.min(most, MAX_RECORDS) || bytes + size > MAX_BYTES)) {
        break;
      }
      batch.push(record);
      bytes += size;
    }
    return batch;
  }

  /**
   * Puts a batch, and takes from the chains what is stored.
   * @returns what failed, by a code that does not pass if there is one
   */
  async #put(batch: readonly OutgoingRecord<D>[], chains: Chains<D>): Promise<Failed | undefined> {
    const { put, bytesOf, onPut } = this.#options;
    const results = await put(batch);
    let bytes = 0;
    const failures: PutResult[] = [];
    for (const [index, record] of batch.entries()) {
      const result = results[index] ?? { ErrorCode: 'no result' };
      if (result.SequenceNumber === undefined) {
        failures.push(result);
        continue;
      }
      bytes += bytesOf(record.data);
      const chain = chains.get(this.#chainOf(record));
      chain?.shift();
      if (chain?.length === 0) {
        chains.delete(this.#chainOf(record));
      }
    }
    onPut?.(batch.length - failures.length, failures.length, bytes);
    const told = failures.find(({ ErrorCode = '' }) => !isPassing(ErrorCode)) ?? failures.at(-1);
    return told && { records: failures.length, code: told.ErrorCode ?? 'no code', message: told.ErrorMessage ?? '' };
  }
}
