import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick, type Random } from '../support/random.ts';
import { dataOf, idOf, type SeenRecord, type StartEvent } from './history.ts';
import type { ClientTools, StreamUnderTest } from './producer.ts';

type Start = Pick<StartEvent, 'type' | 'sequenceNumber' | 'timestampMs'>;

const MAX_POLL_MS = 120;
const RETRY_MS = 50;

interface KinesisRecord {
  readonly SequenceNumber: string;
  readonly PartitionKey: string;
  readonly Data: string;
  readonly ApproximateArrivalTimestamp: number;
}

export interface Page {
  readonly Records: readonly KinesisRecord[];
  readonly NextShardIterator?: string;
  readonly MillisBehindLatest: number;
  readonly ChildShards?: readonly { readonly ShardId: string; readonly ParentShards: readonly string[] }[];
}

/** Takes one shard from a place on, and notes what it is given. */
export interface ShardReader {
  /** What the end of the shard told. */
  readonly children: NonNullable<Page['ChildShards']>;
  readonly ended: boolean;
  /** @returns whether there is a place to read from */
  begin(start: Start): Promise<boolean>;
  /** @returns undefined when nothing was answered: the same place is read again */
  read(limit: number): Promise<'tip' | 'more' | undefined>;
  leave(): Promise<void>;
}

/** Makes what reads a shard. */
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
  #iterator: string | undefined;

  constructor(reader: string, shardId: string, stream: StreamUnderTest, tools: ClientTools) {
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
      ...(start.timestampMs !== undefined && { Timestamp: start.timestampMs / 1000 }),
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
    // Nothing is held.
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
    const records = page.Records.map(seen);
    if (records.length > 0 || this.ended) {
      const { label: stream } = this.#stream;
      const { shardId, ended } = this;
      const read = { stream, reader: this.#reader, shardId, startMs, endMs: Date.now(), records, ended };
      this.#tools.note({ kind: 'read', ...read });
    }
    return records.length === 0 && page.MillisBehindLatest === 0 ? 'tip' : 'more';
  }
}

export function seen({ SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp }: KinesisRecord): SeenRecord {
  const data = Buffer.from(Data, 'base64');
  const id = idOf(data);
  return {
    sequenceNumber: SequenceNumber,
    id,
    key: PartitionKey,
    arrivalMs: Math.round(ApproximateArrivalTimestamp * 1000),
    intact: data.equals(dataOf(id)),
  };
}

/** How a consumer of a whole stream goes on: until everything is read, once nothing is put any more; or not at all. */
export interface Until {
  /** Nothing is put any more, and nothing goes wrong any more. */
  quiet(): boolean;
  abandoned(): boolean;
}

/**
 * Reads a whole stream from its beginning, as consumer libraries do: a child only when all of its parents are read to
 * their end. Notes that it has finished when every shard is read to its end, or to its tip in quiet times.
 */
export async function consumeStream(
  reader: string,
  stream: StreamUnderTest,
  tools: ClientTools,
  until: Until,
  Reader: ShardReaderClass = ShardConsumer,
): Promise<void> {
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const followed = new Map<string, Promise<void>>();
  const end = (shardId: string) => {
    const known = ends.get(shardId) ?? Promise.withResolvers<void>();
    ends.set(shardId, known);
    return known;
  };
  const consume = async (shardId: string, parents: readonly string[]) => {
    // A parent that is not known yet will be: at the end of a parent of its own.
    await Promise.all(parents.map((parent) => end(parent).promise));
    const shard = new Reader(reader, shardId, stream, tools);
    await readToEnd(shard, tools.next, until);
    await shard.leave();
    for (const child of shard.children) {
      follow(child.ShardId, child.ParentShards);
    }
    end(shardId).resolve();
  };
  const follow = (shardId: string, parents: readonly string[]) => {
    if (!followed.has(shardId)) {
      followed.set(shardId, consume(shardId, parents));
    }
  };
  for (const { ShardId, parents } of await rootShards(stream, tools, until)) {
    follow(ShardId, parents);
  }
  for (let waited = 0; waited < followed.size; waited = await settled(followed)) {
    // A shard that ends may add its children.
  }
  if (!until.abandoned()) {
    tools.note({ kind: 'finished', stream: stream.label, reader });
  }
}

async function settled(followed: ReadonlyMap<string, Promise<void>>): Promise<number> {
  const waiting = [...followed.values()];
  await Promise.all(waiting);
  return waiting.length;
}

async function readToEnd(shard: ShardReader, next: Random, until: Until): Promise<void> {
  while (!until.abandoned() && !(await shard.begin({ type: 'TRIM_HORIZON' }))) {
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

/** The shards that have no parents: every other one is found at the end of its parents. */
async function rootShards(stream: StreamUnderTest, { api }: ClientTools, until: Until) {
  while (!until.abandoned()) {
    const answer = await api.ok('ListShards', { StreamName: stream.name });
    const shards: { ShardId: string; ParentShardId?: string }[] = answer?.Shards ?? [];
    if (shards.length > 0) {
      return shards
        .filter(({ ParentShardId }) => ParentShardId === undefined)
        .map(({ ShardId }) => ({ ShardId, parents: [] }));
    }
    await sleep(RETRY_MS);
  }
  return [];
}

const VISIT_MS = 4_000;

/** Again and again begins to read some shard at some place, and reads on for a while. */
export async function visitShards(
  visitor: string,
  stream: StreamUnderTest,
  tools: ClientTools,
  stopped: () => boolean,
  recent: () => { readonly shardId: string; readonly sequenceNumber: string } | undefined,
): Promise<void> {
  const { api, next } = tools;
  for (let visit = 0; !stopped(); visit++) {
    const shards: { ShardId: string }[] = (await api.ok('ListShards', { StreamName: stream.name }))?.Shards ?? [];
    const record = recent();
    if (shards.length === 0 || record === undefined) {
      await sleep(RETRY_MS);
      continue;
    }
    const start = startingPosition(next, record.sequenceNumber);
    const shardId = start.sequenceNumber === undefined ? pick(next, shards.slice(-6)).ShardId : record.shardId;
    const shard = new ShardConsumer(`${visitor}.${visit}`, shardId, stream, tools);
    if (await shard.begin(start)) {
      const endMs = Date.now() + next() * VISIT_MS;
      while (!stopped() && !shard.ended && Date.now() < endMs) {
        await shard.read(between(next, 1, 500));
        await sleep(next() * MAX_POLL_MS);
      }
    }
  }
}

function startingPosition(next: Random, sequenceNumber: string): Start {
  const type = pick(next, ['LATEST', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const);
  switch (type) {
    case 'LATEST':
      return { type };
    case 'AT_TIMESTAMP':
      // Clocks of the processes are ahead by some ms: a time that has come for all of them.
      return { type, timestampMs: Date.now() - 1_000 - Math.floor(next() * 20_000) };
    default:
      return { type, sequenceNumber };
  }
}
