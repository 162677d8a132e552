import { setTimeout as sleep } from 'node:timers/promises';
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';

/** A record to be put. */
export interface OutgoingRecord {
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
  readonly data: Uint8Array;
}

/** What PutRecords takes at once. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
const MAX_RECORDS = 500;
const MAX_BYTES = 5 * 1024 * 1024;

/** The pauses after tries in which the endpoint took nothing, ms. After the last one it is given up. */
const PAUSES_MS = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000, 5_000];

/** A record that an endpoint refused for good. */
export class RecordsRefused extends Error {
  readonly records: number;

  constructor(records: number, code: string, message: string) {
    super(`${records} ${records === 1 ? 'record was' : 'records were'} refused again and again: ${code}: ${message}`);
    this.records = records;
  }
}

export interface WriterOptions {
  readonly client: KinesisClient;
  readonly stream: string;
  /** Records of one call. */
  readonly batch?: number;
  /** Told of every call: how many records were stored, and how many have to be put again. */
  readonly onPut?: (stored: number, failed: number, bytes: number) => void;
}

/**
 * Puts records in batches, and those that fail again. A batch never has two records with the same partition key: if the first one
 * failed and the second did not, the second one would overtake it. So the records of a key keep their order.
 */
export class BatchWriter {
  readonly #options: WriterOptions;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /**
   * Resolves when all records are stored.
   * @throws RecordsRefused, or what the endpoint answers: then some may be stored
   */
  async write(records: readonly OutgoingRecord[]): Promise<void> {
    const chains = new Map<string, OutgoingRecord[]>();
    for (const record of records) {
      const chain = chains.get(record.partitionKey);
      if (chain === undefined) {
        chains.set(record.partitionKey, [record]);
      } else {
        chain.push(record);
      }
    }
    let tries = 0;
    while (chains.size > 0) {
      const batch = this.#nextBatch(chains);
      const failure = await this.#put(batch, chains);
      if (failure === undefined || failure.failed < batch.length) {
        tries = 0;
        continue;
      }
      const pauseMs = PAUSES_MS[tries];
      if (pauseMs === undefined) {
        throw new RecordsRefused(failure.failed, failure.code, failure.message);
      }
      tries += 1;
      await sleep(pauseMs * (0.5 + Math.random() / 2));
    }
  }

  /** The first record of as many keys as fit. */
  #nextBatch(chains: ReadonlyMap<string, OutgoingRecord[]>): OutgoingRecord[] {
    const { batch: most = MAX_RECORDS } = this.#options;
    const batch: OutgoingRecord[] = [];
    let bytes = 0;
    for (const [record] of chains.values()) {
      if (record === undefined) {
        continue;
      }
      const size = record.data.length + Buffer.byteLength(record.partitionKey);
      if (batch.length > 0 && (batch.length >= Math.min(most, MAX_RECORDS) || bytes + size > MAX_BYTES)) {
        break;
      }
      batch.push(record);
      bytes += size;
    }
    return batch;
  }

  /** Puts a batch, and takes from the chains what is stored. @returns what failed */
  async #put(
    batch: readonly OutgoingRecord[],
    chains: Map<string, OutgoingRecord[]>,
  ): Promise<{ failed: number; code: string; message: string } | undefined> {
    const { client, stream, onPut } = this.#options;
    const { Records = [] } = await client.send(
      new PutRecordsCommand({
        StreamName: stream,
        Records: batch.map(({ partitionKey, explicitHashKey, data }) => ({
          PartitionKey: partitionKey,
          ExplicitHashKey: explicitHashKey,
          Data: data,
        })),
      }),
    );
    let failed = 0;
    let bytes = 0;
    let [code, message] = ['', ''];
    for (const [index, { partitionKey, data }] of batch.entries()) {
      const result = Records[index];
      if (result?.SequenceNumber === undefined) {
        failed += 1;
        code = result?.ErrorCode ?? 'no result';
        message = result?.ErrorMessage ?? '';
        continue;
      }
      bytes += data.length;
      const chain = chains.get(partitionKey);
      chain?.shift();
      if (chain?.length === 0) {
        chains.delete(partitionKey);
      }
    }
    onPut?.(batch.length - failed, failed, bytes);
    return failed === 0 ? undefined : { failed, code, message };
  }
}
