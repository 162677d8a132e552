import { setTimeout as sleep } from 'node:timers/promises';
import { between, type Random } from '../support/random.ts';
import type { StartEvent } from './history.ts';
import type { ClientTools, StreamUnderTest } from './producer.ts';
import { type Page, ReadNotes, told } from './read-notes.ts';

export type Start = Pick<StartEvent, 'type' | 'sequenceNumber' | 'timestampMs'>;

export const MAX_POLL_MS = 120;
export const RETRY_MS = 50;

/** Reads one shard from a place on, and notes what it gets. */
export interface ShardReader {
  /** The children that the end of the shard named. */
  readonly children: NonNullable<Page['ChildShards']>;
  readonly ended: boolean;
  /** @returns whether there is a place to read from */
  begin(start: Start): Promise<boolean>;
  /** @returns undefined when there was no response: the same place is read again */
  read(limit: number): Promise<'tip' | 'more' | undefined>;
  leave(): Promise<void>;
}

/** A class of readers of a shard. */
export type ShardReaderClass = new (
  reader: string,
  shardId: string,
  stream: StreamUnderTest,
  tools: ClientTools,
) => ShardReader;

/** Reads one shard by polling. */
export class ShardConsumer implements ShardReader {
  readonly shardId: string;
  children: NonNullable<Page['ChildShards']> = [];
  ended = false;
  readonly #reader: string;
  readonly #stream: StreamUnderTest;
  readonly #tools: ClientTools;
  readonly #notes: ReadNotes;
  #iterator: string | undefined;

  constructor(reader: string, shardId: string, stream: StreamUnderTest, tools: ClientTools) {
    this.#notes = new ReadNotes(tools);
    this.#reader = reader;
    this.shardId = shardId;
    this.#stream = stream;
    this.#tools = tools;
  }

  async begin(start: Start): Promise<boolean> {
    const startMs = Date.now();
    const answer = await this.#tools.api.ok('GetShardIterator', {
      StreamName: this.#stream.name,
      ShardId: this.shardId,
      ShardIteratorType: start.type,
      ...(start.sequenceNumber !== undefined && { StartingSequenceNumber: start.sequenceNumber }),
      ...(start.timestampMs !== undefined && { Timestamp: new Date(start.timestampMs) }),
    });
    this.#iterator = answer?.ShardIterator;
    if (this.#iterator === undefined) {
      return false;
    }
    const { label: stream } = this.#stream;
    const { shardId } = this;
    this.#tools.note({ kind: 'start', stream, reader: this.#reader, shardId, ...start, startMs, endMs: Date.now() });
    return true;
  }

  async leave(): Promise<void> {
    // It holds nothing.
  }

  async read(limit: number): Promise<'tip' | 'more' | undefined> {
    const startMs = Date.now();
    const page: Page | undefined = await this.#tools.api.ok('GetRecords', {
      ShardIterator: this.#iterator,
      Limit: limit,
    });
    if (page === undefined) {
      return undefined;
    }
    this.#iterator = page.NextShardIterator;
    this.ended = page.NextShardIterator === undefined;
    this.children = page.ChildShards ?? [];
    const { label: stream } = this.#stream;
    const { shardId, ended } = this;
    this.#notes.add({ stream, reader: this.#reader, shardId, startMs, ended, ...told(page) });
    return page.Records.length === 0 && page.MillisBehindLatest === 0 ? 'tip' : 'more';
  }
}

/** How long a consumer of a whole stream goes on: until everything is read, once puts have ended, or not at all. */
export interface Until {
  /** No record is put any more, and nothing goes wrong any more. */
  quiet(): boolean;
  abandoned(): boolean;
}

/** Where a consumer begins: at a time, in the shards that ListShards returns for it. */
export interface BeginningTime {
  readonly timestampMs: number;
  readonly filter: 'FROM_TIMESTAMP' | 'AT_TIMESTAMP';
}

export interface ConsumerOptions {
  readonly Reader?: ShardReaderClass;
  /** Undefined: at the beginning of the stream. */
  readonly from?: BeginningTime;
}

/**
 * Reads a whole stream from its beginning, or from a time on, as consumer libraries do. It reads a child only after it
 * has read all parents to their end. It notes that it has finished when it has read every shard to its end, or to its
 * tip in quiet times.
 */
export async function consumeStream(
  reader: string,
  stream: StreamUnderTest,
  tools: ClientTools,
  until: Until,
  { Reader = ShardConsumer, from }: ConsumerOptions = {},
): Promise<void> {
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const followed = new Map<string, Promise<void>>();
  const end = (shardId: string) => {
    const known = ends.get(shardId) ?? Promise.withResolvers<void>();
    ends.set(shardId, known);
    return known;
  };
  const beginning: Start = from ? { type: 'AT_TIMESTAMP', timestampMs: from.timestampMs } : { type: 'TRIM_HORIZON' };
  const consume = async (shardId: string, parents: readonly string[], start: Start) => {
    // A parent that is not known yet will be: the end of its own parent names it.
    await Promise.all(parents.map((parent) => end(parent).promise));
    const shard = new Reader(reader, shardId, stream, tools);
    await readToEnd(shard, start, tools.next, until);
    await shard.leave();
    for (const child of shard.children) {
      follow(child.ShardId, child.ParentShards, { type: 'TRIM_HORIZON' });
    }
    end(shardId).resolve();
  };
  const follow = (shardId: string, parents: readonly string[], start: Start) => {
    if (!followed.has(shardId)) {
      followed.set(shardId, consume(shardId, parents, start));
    }
  };
  for (const { shardId, parents } of await firstShards(stream, tools, until, from)) {
    follow(shardId, parents, beginning);
  }
  for (let waited = 0; waited < followed.size; waited = await settled(followed)) {
    // A shard that ends may add its children.
  }
  if (!until.abandoned()) {
    tools.note({ kind: 'finished', stream: stream.label, reader, ...(from && { fromMs: from.timestampMs }) });
  }
}

async function settled(followed: ReadonlyMap<string, Promise<void>>): Promise<number> {
  const waiting = [...followed.values()];
  await Promise.all(waiting);
  return waiting.length;
}

async function readToEnd(shard: ShardReader, start: Start, next: Random, until: Until): Promise<void> {
  while (!until.abandoned() && !(await shard.begin(start))) {
    await sleep(RETRY_MS);
  }
  while (!until.abandoned() && !shard.ended) {
    const quiet = until.quiet();
    const result = await shard.read(next() < 0.3 ? between(next, 1, 20) : 1_000);
    if (quiet && result === 'tip' && !shard.ended) {
      return;
    }
    await sleep(result === 'more' && quiet ? 0 : next() * MAX_POLL_MS);
  }
}

export interface ListedShard {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
}

/** The shards of a stream, or those that ListShards returns for a time; none when there is no response. */
export async function listedFrom(
  stream: StreamUnderTest,
  { api }: ClientTools,
  from: BeginningTime | undefined,
): Promise<readonly ListedShard[]> {
  const ShardFilter = from && { Type: from.filter, Timestamp: new Date(from.timestampMs) };
  const answer = await api.ok('ListShards', { StreamName: stream.name, ...(ShardFilter && { ShardFilter }) });
  return answer?.Shards ?? [];
}

/**
 * The shards that a consumer begins with, and the parents that it reads before each of them. From the beginning of the
 * stream, these are the shards without parents. The consumer finds every other shard at the end of its parents.
 */
async function firstShards(
  stream: StreamUnderTest,
  tools: ClientTools,
  until: Until,
  from: BeginningTime | undefined,
): Promise<{ readonly shardId: string; readonly parents: readonly string[] }[]> {
  while (!until.abandoned()) {
    const shards = await listedFrom(stream, tools, from);
    if (shards.length > 0) {
      const begun = from ? shards : shards.filter(({ ParentShardId }) => ParentShardId === undefined);
      const listed = new Set(begun.map(({ ShardId }) => ShardId));
      return begun.map(({ ShardId, ParentShardId, AdjacentParentShardId }) => ({
        shardId: ShardId,
        parents: [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined && listed.has(id)) as string[],
      }));
    }
    await sleep(RETRY_MS);
  }
  return [];
}
