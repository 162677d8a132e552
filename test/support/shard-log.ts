import { randomBytes } from 'node:crypto';
import { type AppendOutcome, ShardWriter, type WriterOptions } from '../../lib/log/append.ts';
import { logRecord } from '../../lib/log/batch-body.ts';
import { ShardReader } from '../../lib/log/read.ts';
import type { ReadResult } from '../../lib/log/read-progress.ts';
import { kinesisLimits, type Limits } from '../../lib/model/limits.ts';
import { FIRST_POSITION, type RecordPosition } from '../../lib/model/position.ts';
import { type Batch, queryBatches } from '../../lib/store/batch-item.ts';
import { getConsistently } from '../../lib/store/condition.ts';
import { type ShardReference, tailKey } from '../../lib/store/table.ts';
import type { Tables } from '../../lib/store/tables.ts';
import { putNewTail, type Tail } from '../../lib/store/tail-item.ts';

const DAY_MS = 86_400_000;

/** A shard's tail as it is stored now. */
export async function getTail(tables: Tables, shard: ShardReference): Promise<Tail | undefined> {
  return (await getConsistently(tables, tables.streams, tailKey(shard))) as Tail | undefined;
}

export const newId = (): string => randomBytes(9).toString('base64url');

/** The log of one shard, with a clock that the test controls. */
export class TestLog {
  readonly shard: ShardReference;
  readonly tables: Tables;
  readonly options: WriterOptions;
  retentionMs = DAY_MS;
  #aheadMs = 0;
  #heldMs: number | undefined;

  constructor(
    tables: Tables,
    shard: ShardReference = { streamId: newId(), shardIndex: 0 },
    options: WriterOptions = { guessing: false },
  ) {
    this.tables = tables;
    this.options = options;
    this.shard = shard;
  }

  static async open(tables: Tables, options?: WriterOptions): Promise<TestLog> {
    const log = new TestLog(tables, undefined, options);
    await putNewTail(tables, log.shard, { shardState: 'OPEN', reservedMs: Date.now() });
    return log;
  }

  readonly now = (): number => (this.#heldMs ?? Date.now()) + this.#aheadMs;

  /** Stops the clock: from now on, only `pass` moves it. */
  hold(): void {
    this.#heldMs = Date.now();
  }

  /** Moves the clock ahead. */
  pass(ms: number): void {
    this.#aheadMs += ms;
  }

  /** A writer, as another process would have one. */
  writer(limits: Partial<Limits> = {}, tables: Tables = this.tables, options = this.options): TestWriter {
    const allLimits = { ...kinesisLimits, throttling: false, ...limits };
    const writer = new ShardWriter(tables, allLimits, this.now, newId, options);
    return {
      append: (...texts) =>
        writer.append({
          shard: this.shard,
          records: texts.map((text) => logRecord({ partitionKey: 'key', data: Buffer.from(text) })),
          retentionMs: this.retentionMs,
          shardCreatedMs: 0,
          encrypted: false,
        }),
    };
  }

  async read(
    from: RecordPosition = { position: FIRST_POSITION, offset: 0 },
    maxRecords = 10_000,
    notBeforeMs = 0,
  ): Promise<ReadResult> {
    return new ShardReader(this.tables, this.now, newId).read({
      shard: this.shard,
      from,
      maxRecords,
      maxBytes: kinesisLimits.getRecordsBytes,
      retentionMs: this.retentionMs,
      notBeforeMs,
    });
  }

  async readTexts(from?: RecordPosition): Promise<string[]> {
    return texts(await this.read(from));
  }

  /** The batches of the log as they are stored, at most 1,000. */
  async batches(): Promise<Batch[]> {
    return (await queryBatches(this.tables, this.shard, FIRST_POSITION, { limit: 1_000, consistent: true })).batches;
  }

  /** The batches of the log in short: `data 1`, `seal 4`. */
  async layout(): Promise<string[]> {
    return (await this.batches()).map(({ kind, position }) => `${kind} ${position}`);
  }
}

/** Random base64 text: compression saves about a quarter of it, not more. */
export const incompressible = (length: number): string => randomBytes(length).toString('base64').slice(0, length);

export interface TestWriter {
  append(...texts: string[]): Promise<AppendOutcome>;
}

export const texts = (result: ReadResult): string[] =>
  result.records.map((record) => Buffer.from(record.data).toString());
