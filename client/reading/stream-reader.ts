import type { _Record as KinesisRecord } from '@aws-sdk/client-kinesis';
import type { Endpoint } from '../endpoint.ts';
import { listShards, type ShardInfo } from './shard-map.ts';
import type { Start } from './start.ts';

/** How far a shard has been read: to its end, or to a sequence number; undefined: not at all. */
export type ShardProgress = { readonly ended: true } | { readonly after: string } | { readonly after?: undefined };

/** Where the reading of a shard starts, or goes on. */
export type ShardStart =
  | Start
  | { readonly type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };

/**
 * Where a reading begins anew that was opened somewhere, and lost its place before any record came. What has come by then is later than
 * the latest of the opening, so that one becomes a time: of the endpoint, because this machine's clock may be another.
 * @param toldMs what time the endpoint had told before the opening, epoch ms
 */
export const reopened = (start: ShardStart, toldMs: number | undefined): ShardStart =>
  start.type === 'LATEST' && toldMs !== undefined ? { type: 'AT_TIMESTAMP', timestamp: new Date(toldMs) } : start;

/** Records of one shard, in their order. */
export interface RecordPage {
  readonly shard: ShardInfo;
  readonly records: readonly KinesisRecord[];
}

/** Reads one shard, from a start to its end. */
export interface ShardSource {
  /**
   * Yields pages as they come. A page may be empty.
   * @param stopAtTip whether to return once everything that had arrived when it was called is read
   * @returns whether the shard has ended
   */
  read(
    shard: ShardInfo,
    start: ShardStart,
    stopAtTip: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<readonly KinesisRecord[], boolean>;
}

export interface ReadOptions {
  readonly endpoint: Endpoint;
  readonly stream: string;
  /** A sequence number is of one shard: then `shards` names that one. */
  readonly start: ShardStart;
  readonly source: ShardSource;
  /** Whether to go on for what arrives later. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** Only these shards, and not their children. Undefined: all, and what they become. */
  readonly shards?: readonly string[] | undefined;
  /** How far each shard was read before. It is kept up to date: a shard is marked after `onPage` has resolved. */
  readonly progress?: Map<string, ShardProgress>;
  /** Hears of all shards that are known, with the first look at them and after each reshard. */
  readonly onShards?: (shards: readonly ShardInfo[]) => Promise<void> | void;
  /** Receives the records. The next page of the same shard comes after it has resolved. */
  readonly onPage: (page: RecordPage) => Promise<void> | void;
}

/**
 * Reads a stream through its reshards: each record once, and the records of a shard before those of its children. So the records
 * of a partition key come in their order.
 */
export async function readStream(options: ReadOptions): Promise<void> {
  await new StreamReader(options).run();
}

class StreamReader {
  readonly #options: ReadOptions;
  readonly #progress: Map<string, ShardProgress>;
  readonly #shards = new Map<string, ShardInfo>();
  readonly #reading = new Map<string, Promise<void>>();
  readonly #failed = new AbortController();
  #failure: { readonly error: unknown } | undefined;

  constructor(options: ReadOptions) {
    this.#options = options;
    this.#progress = options.progress ?? new Map();
  }

  async run(): Promise<void> {
    await this.#begin().catch((error: unknown) => this.#failedBy(error));
    while (this.#reading.size > 0) {
      await Promise.race(this.#reading.values());
    }
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
  }

  /** Starts the shards to begin with. What is closed before the start is marked, so that its children need not wait for it. */
  async #begin(): Promise<void> {
    await this.#look();
    const { shards: chosen, start } = this.#options;
    if (this.#progress.size > 0) {
      this.#startReady();
      return;
    }
    for (const shard of this.#shards.values()) {
      const isChosen = chosen === undefined || chosen.includes(shard.id);
      // With LATEST, nothing of a closed shard is new.
      if (!isChosen || (start.type === 'LATEST' && shard.isClosed)) {
        this.#progress.set(shard.id, { ended: true });
      }
    }
    // A start by time or at the latest record holds for the shards that are there now, not for their later children.
    for (const shard of this.#shards.values()) {
      if (!this.#progress.has(shard.id)) {
        this.#progress.set(shard.id, {});
      }
    }
    this.#startReady();
  }

  async #look(): Promise<void> {
    const { endpoint, stream, signal } = this.#options;
    for (const shard of await listShards(endpoint.client, stream, signal)) {
      this.#shards.set(shard.id, shard);
    }
    await this.#options.onShards?.([...this.#shards.values()]);
  }

  #startReady(): void {
    for (const shard of this.#shards.values()) {
      if (this.#isReady(shard)) {
        this.#startReading(shard);
      }
    }
  }

  /** A shard is read after its parents: those that are gone have expired. */
  #isReady({ id, parents }: ShardInfo): boolean {
    const isEnded = (shardId: string) => {
      const progress = this.#progress.get(shardId);
      return progress !== undefined && 'ended' in progress;
    };
    return (
      !isEnded(id) && !this.#reading.has(id) && parents.every((parent) => isEnded(parent) || !this.#shards.has(parent))
    );
  }

  #startReading(shard: ShardInfo): void {
    const reading = this.#read(shard)
      .catch((error: unknown) => this.#failedBy(error))
      .finally(() => this.#reading.delete(shard.id));
    this.#reading.set(shard.id, reading);
  }

  /** A call that was aborted, because nobody waits for it any more, is no failure. */
  #failedBy(error: unknown): void {
    if (!this.#options.signal.aborted) {
      this.#failure ??= { error };
      this.#failed.abort();
    }
  }

  async #read(shard: ShardInfo): Promise<void> {
    const { source, follow, onPage, signal } = this.#options;
    const ending = AbortSignal.any([signal, this.#failed.signal]);
    const pages = source.read(shard, this.#startOf(shard), !follow, ending);
    try {
      for (;;) {
        const { done, value } = await pages.next();
        if (done) {
          return value && !ending.aborted ? this.#ended(shard) : undefined;
        }
        await onPage({ shard, records: value });
        const after = value.at(-1)?.SequenceNumber;
        if (after !== undefined) {
          this.#progress.set(shard.id, { after });
        }
      }
    } finally {
      await pages.return(false);
    }
  }

  #startOf({ id }: ShardInfo): ShardStart {
    const progress = this.#progress.get(id);
    if (progress !== undefined && 'after' in progress && progress.after !== undefined) {
      return { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: progress.after };
    }
    // Whatever came after the start is read from its beginning.
    return progress === undefined ? { type: 'TRIM_HORIZON' } : this.#options.start;
  }

  async #ended(shard: ShardInfo): Promise<void> {
    this.#progress.set(shard.id, { ended: true });
    if (this.#options.shards === undefined) {
      await this.#look();
      this.#startReady();
    }
  }
}
