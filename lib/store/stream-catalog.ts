import type { Shard } from '../model/shard.ts';
import type { Stream } from '../model/stream.ts';
import { type Moment, Stopwatch } from '../runtime/stopwatch.ts';
import { listShards } from './shard-item.ts';
import { getStream } from './stream-item.ts';
import { getStreamResource } from './stream-resource-item.ts';
import type { Tables } from './tables.ts';

/** A stream with its shards. */
export interface StreamEntry {
  /** A moment before the stream was read. The stream's settings may be used for a limited time from this moment. */
  readonly readAt: Moment;
  readonly stream: Stream;
  /** In the order of their indexes. Shards that clients do not see yet are left out. */
  readonly shards: readonly Shard[];
  /** The open shards, in the order of their hash key ranges. */
  readonly openShards: readonly Shard[];
}

/** A stream as it was read at a moment, without its shards. */
export type SeenStream = Pick<StreamEntry, 'readAt' | 'stream'>;

interface Remembered {
  readonly stream: Stream;
  /** Undefined once the stream may have changed. */
  readonly readAt: Moment | undefined;
  /** Undefined if the shards were not read, or may be stale. Then only the stream is kept, without its shards. */
  readonly entry: StreamEntry | undefined;
  /** The resource policy, read after the stream. `null`: there is none. Undefined: not read yet. */
  readonly policy?: string | null;
}

/** How long a process may use what it remembers of a stream. */
export const CATALOG_FRESH_MS = 5_000;

/** The largest number of streams that one process remembers. */
const MAX_ENTRIES = 1_000;

/** The largest number of shards of all these streams together: about forty megabytes. */
const MAX_SHARDS = 100_000;

/**
 * Streams and shards as this process last read them, so that a warm put or get reads no metadata. The log does not
 * rely on them: a put to a closed shard fails by the condition on the tail, and then the entry is read again. Shards
 * are remembered only while their stream is ACTIVE: `get` reads a stream in transition every time (docs/glossary.md).
 */
export class StreamCatalog {
  readonly #tables: Tables;
  readonly #stopwatch: Stopwatch;
  readonly #maxShards: number;
  /** The entry that was written longest ago comes first, and is dropped first. */
  readonly #remembered = new Map<string, Remembered>();
  #shards = 0;
  /** Grows with each `forget`. A read that was in flight at that time may be older than the change. */
  #forgotten = 0;

  /** @param maxShards the limit for all remembered streams together. The newest one is always kept */
  constructor(tables: Tables, now: () => number, maxShards = MAX_SHARDS) {
    this.#tables = tables;
    this.#maxShards = maxShards;
    this.#stopwatch = new Stopwatch(now);
  }

  /** @returns the stream as it was at most a few seconds ago; undefined if there is none */
  async get(streamName: string): Promise<StreamEntry | undefined> {
    const entry = this.#remembered.get(streamName)?.entry;
    if (entry !== undefined && this.#isFresh(entry.readAt)) {
      return entry;
    }
    // The check of policies has often just read the stream. If it is ACTIVE, only its shards are missing.
    const seen = this.#recentlySeen(streamName);
    return seen?.stream.status === 'ACTIVE' ? this.#withShards(seen) : this.refresh(streamName);
  }

  /** Reads a stream with its shards again. @returns undefined if there is none */
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

  /** Reads a stream again, but not its shards, which may be thousands. @returns undefined if there is none */
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
   * A stream in any state, and its resource policy, as they were at most a few seconds ago.
   * @returns undefined if there is no such stream now
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

  /** The stream as it was last read, no matter how long ago. Makes no call. For reports only, not for decisions. */
  lastSeen(streamName: string): Stream | undefined {
    return this.#remembered.get(streamName)?.stream;
  }

  /** Forgets a stream. Operations that change a stream call this. */
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

/** Whether clients see a shard: only after it has opened, and after its stream was first ACTIVE. */
export const isListed = (shard: Shard, stream: Stream): boolean => stream.activated && shard.state !== 'PENDING';

function toEntry(readAt: Moment, stream: Stream, all: readonly Shard[]): StreamEntry {
  const shards = all.filter((shard) => isListed(shard, stream));
  const openShards = shards
    .filter((shard) => shard.state === 'OPEN')
    .sort((a, b) => (a.hashKeyRange.start < b.hashKeyRange.start ? -1 : 1));
  return { readAt, stream, shards, openShards };
}
