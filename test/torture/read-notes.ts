import { dataOf, idOf, type ReadEvent, type SeenRecord } from './history.ts';
import type { ClientTools } from './producer.ts';

interface KinesisRecord {
  readonly SequenceNumber: string;
  readonly PartitionKey: string;
  readonly Data: Uint8Array;
  /** Epoch ms. */
  readonly ApproximateArrivalTimestamp: number;
}

/** The response to one read of a shard. */
export interface Page {
  readonly Records: readonly KinesisRecord[];
  readonly NextShardIterator?: string;
  readonly MillisBehindLatest: number;
  readonly ChildShards?: readonly { readonly ShardId: string; readonly ParentShards: readonly string[] }[];
}

/** A page as the history records it. */
export const told = (page: Page): Pick<ReadEvent, 'records' | 'millisBehind' | 'children'> => ({
  records: page.Records.map(seen),
  millisBehind: page.MillisBehindLatest,
  ...(page.ChildShards && { children: page.ChildShards.map(({ ShardId }) => ShardId) }),
});

function seen({ SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp }: KinesisRecord): SeenRecord {
  const data = Buffer.from(Data.buffer, Data.byteOffset, Data.length);
  const id = idOf(data);
  return {
    sequenceNumber: SequenceNumber,
    id,
    key: PartitionKey,
    arrivalMs: ApproximateArrivalTimestamp,
    intact: data.equals(dataOf(id)),
  };
}

/** Of reads without records, only one in so many ms is noted. There are very many, and they all say the same. */
const QUIET_MS = 250;

/** Notes what one reader gets from one shard. */
export class ReadNotes {
  readonly #tools: ClientTools;
  #quietUntilMs = 0;

  constructor(tools: ClientTools) {
    this.#tools = tools;
  }

  add(read: Omit<ReadEvent, 'kind' | 'endMs'>): void {
    const endMs = Date.now();
    if (read.records.length === 0 && !read.ended && endMs < this.#quietUntilMs) {
      return;
    }
    this.#quietUntilMs = read.records.length === 0 ? endMs + QUIET_MS : 0;
    this.#tools.note({ kind: 'read', ...read, endMs });
  }
}
