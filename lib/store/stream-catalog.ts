import type { Shard } from '../model/shard.ts';
import type { Stream } from '../model/stream.ts';
import { type Moment, Stopwatch } from '../runtime/stopwatch.ts';
import { listShards } from './shard-item.ts';
import { getStream } from './stream-item.ts';
import { getStreamResource } from './stream-resource-item.ts';
import type { Tables } from './tables.ts';

/** A stream with its shards. */
export interface StreamEntry {
  /** Before it was read: what follows from the stream's settings is good for some time from then on. */
  readonly readAt: Moment;
  readonly stream: Stream;
  /** In the order of their indexes; without those that no one is told of yet. */
  readonly shards: readonly Shard[];
  /** The open ones, in the order of their hash key ranges. */
  readonly openShards: readonly Shard[];
}

/** A stream as it was read at some moment, without its shards. */
export type SeenStream = Pick<StreamEntry, 'readAt' | 'stream'>;

interface Remembered {
  readonly stream: Stream;
  /** Undefined once it may have changed. */
  readonly readAt: Moment | undefined;
  /** Undefined where nothing may be decided by it any more: then the stream may be told of, and its shards are let go. */
  readonly entry: StreamEntry | undefined;
  /** The resource policy as it was read since; undefined: not looked for yet. */
  readonly policy?: string | null;
}

/** How old what a process remembers of a stream may get. */
export const CATALOG_FRESH_MS = 5_000;

/** Streams that one process remembers at most. */
const MAX_ENTRIES = 1_000;

/** Shards of all of them together: some forty megabytes. */
const MAX_SHARDS = 100_000;

/**
 * Streams and shards as this process last read them, so that a warm put or get reads no metadata. Nothing is decided by
 * it: a put to a closed shard fails by the tail's own condition, and then the entry is read again. Only streams at rest
 * are remembered: one in transition is read every time.
 */
export class StreamCatalog {
  readonly #tables: Tables;
  readonly #stopwatch: Stopwatch;
  readonly #maxShards: number;
  /** In the order in which they were read. */
  readonly #remembered = new Map<string, Remembered>();
  #shards = 0;
  /** Grows whenever something is forgotten: what was being read meanwhile may be older than the change. */
  #forgotten = 0;

  /** @param maxShards of all streams that are remembered; the last one is in any case */
  constructor(tables: Tables, now: () => number, maxShards = MAX_SHARDS) {
    this.#tables = tables;
    this.#maxShards = maxShards;
    this.#stopwatch = new Stopwatch(now);
  }

  /** @returns the stream as it was at most a few seconds ago, or undefined when there is none */
  async get(streamName: string): Promise<StreamEntry | undefined> {
    const entry = this.#remembered.get(streamName)?.entry;
    if (entry !== undefined && this.#isFresh(entry.readAt)) {
      return entry;
    }
    // Of a stream at rest, as policies were just asked about it, only the shards are missing.
    const seen = this.#recentlySeen(streamName);
    return seen?.stream.status === 'ACTIVE' ? this.#withShards(seen) : this.refresh(streamName);
  }

  /** @returns the stream as it is now, or undefined when there is none */
  async refresh(streamName: string): Promise<StreamEntry | undefined> {
    this.#outdate(streamName);
    const seen = await this.look(streamName);
    return seen && this.#withShards(seen);
  }

  async #withShards({ readAt, stream }: SeenStream): Promise<StreamEntry> {
    const forgotten = this.#forgotten;
    const entry = toEntry(readAt, stream, await listShards(this.#tables, stream.id));
    const remembered = this.#remembered.get(stream.name);
    if (forgotten === this.#forgotten && remembered?.readAt === readAt && stream.status === 'ACTIVE') {
      this.#remember(stream.name, { ...remembered, entry });
    }
    return entry;
  }

  /** @returns the stream as it is now, or undefined when there is none; its shards, which may be thousands, are not read */
  async look(streamName: string): Promise<SeenStream | undefined> {
    const readAt = this.#stopwatch.moment();
    const forgotten = this.#forgotten;
    const stream = await getStream(this.#tables, streamName);
    if (stream === undefined) {
      this.#letGo(streamName);
      return undefined;
    }
    const entry = this.#remembered.get(streamName)?.entry;
    const isUnchanged = entry?.stream.id === stream.id && entry.stream.revision === stream.revision;
    this.#remember(streamName, {
      stream,
      readAt: forgotten === this.#forgotten ? readAt : undefined,
      entry: isUnchanged ? entry : undefined,
    });
    return { readAt, stream };
  }

  /**
   * A stream, in whatever state, and its resource policy as they were at most a few seconds ago.
   * @returns undefined when there is no such stream now
   */
  async withPolicy(
    streamName: string,
  ): Promise<{ readonly stream: Stream; readonly policy: string | null } | undefined> {
    const seen = this.#recentlySeen(streamName) ?? (await this.look(streamName));
    if (seen === undefined || !seen.stream.mayHavePolicy) {
      return seen && { stream: seen.stream, policy: null };
    }
    const known = this.#remembered.get(streamName);
    const policy = known?.readAt === seen.readAt ? known.policy : undefined;
    return { stream: seen.stream, policy: policy === undefined ? await this.#readPolicy(seen) : policy };
  }

  async #readPolicy({ readAt, stream }: SeenStream): Promise<string | null> {
    const { policy } = await getStreamResource(this.#tables, stream);
    const remembered = this.#remembered.get(stream.name);
    if (remembered?.readAt === readAt) {
      this.#remember(stream.name, { ...remembered, policy });
    }
    return policy;
  }

  #recentlySeen(streamName: string): SeenStream | undefined {
    const { readAt, stream } = this.#remembered.get(streamName) ?? {};
    return readAt !== undefined && stream !== undefined && this.#isFresh(readAt) ? { readAt, stream } : undefined;
  }

  #isFresh(readAt: Moment): boolean {
    return this.#stopwatch.ageMs(readAt) < CATALOG_FRESH_MS;
  }

  /** A stream as it was last read, however long ago; without a read. Good for telling of it, not for deciding. */
  lastSeen(streamName: string): Stream | undefined {
    return this.#remembered.get(streamName)?.stream;
  }

  /** Forgets a stream: for operations that change it. */
  forget(streamName: string): void {
    this.#forgotten += 1;
    this.#outdate(streamName);
  }

  #outdate(streamName: string): void {
    const remembered = this.#remembered.get(streamName);
    if (remembered !== undefined) {
      this.#remember(streamName, { stream: remembered.stream, readAt: undefined, entry: undefined });
    }
  }

  #remember(streamName: string, remembered: Remembered): void {
    this.#letGo(streamName);
    this.#remembered.set(streamName, remembered);
    this.#shards += remembered.entry?.shards.length ?? 0;
    for (const oldest of this.#remembered.keys()) {
      const isTooMuch = this.#remembered.size > MAX_ENTRIES || this.#shards > this.#maxShards;
      if (!isTooMuch || oldest === streamName) {
        break;
      }
      this.#letGo(oldest);
    }
  }

  #letGo(streamName: string): void {
    this.#shards -= this.#remembered.get(streamName)?.entry?.shards.length ?? 0;
    this.#remembered.delete(streamName);
  }
}

/** Whether clients are told of a shard: not before a reshard has switched over to it, nor before its stream has begun. */
export const isListed = (shard: Shard, stream: Stream): boolean => stream.activated && shard.state !== 'PENDING';

function toEntry(readAt: Moment, stream: Stream, all: readonly Shard[]): StreamEntry {
  const shards = all.filter((shard) => isListed(shard, stream));
  const openShards = shards
    .filter((shard) => shard.state === 'OPEN')
    .sort((a, b) => (a.hashKeyRange.start < b.hashKeyRange.start ? -1 : 1));
  return { readAt, stream, shards, openShards };
}
