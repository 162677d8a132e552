/** A record as the store gives it back. */
export interface StoredRow {
  /** How many records came before it, since the start. */
  readonly index: number;
  readonly arrivedMs: number;
  readonly shard: string;
  readonly partitionKey: string;
  readonly sequenceNumber: string;
  readonly data: Uint8Array;
}

/** What of a stream is kept: the newest records, up to a number and a size. */
export interface Bounds {
  readonly records: number;
  readonly bytes: number;
}

const CHUNK_RECORDS = 8_192;
const CHUNK_BYTES = 1024 * 1024;

/** What is kept of a record besides its bytes: its time, its shard, and where its parts end. */
const BYTES_BESIDES = 8 + 4 + 3 * 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Records one behind the other in one piece of memory: a million of them as objects would take several times as much. */
class Chunk {
  readonly first: number;
  count = 0;
  readonly #times = new Float64Array(CHUNK_RECORDS);
  readonly #shards = new Uint32Array(CHUNK_RECORDS);
  /** Where key, sequence number and data of each record end. */
  readonly #ends = new Uint32Array(3 * CHUNK_RECORDS);
  readonly #bytes: Uint8Array;

  constructor(first: number, capacity: number) {
    this.first = first;
    this.#bytes = new Uint8Array(capacity);
  }

  get size(): number {
    return this.#bytes.length + CHUNK_RECORDS * BYTES_BESIDES;
  }

  get #used(): number {
    return this.count === 0 ? 0 : (this.#ends[3 * this.count - 1] ?? 0);
  }

  hasRoom(bytes: number): boolean {
    return this.count < CHUNK_RECORDS && this.#used + bytes <= this.#bytes.length;
  }

  add(arrivedMs: number, shard: number, parts: readonly Uint8Array[]): void {
    let at = this.#used;
    parts.forEach((part, index) => {
      this.#bytes.set(part, at);
      at += part.length;
      this.#ends[3 * this.count + index] = at;
    });
    this.#times[this.count] = arrivedMs;
    this.#shards[this.count] = shard;
    this.count += 1;
  }

  row(index: number, shardNames: readonly string[]): StoredRow {
    const at = index - this.first;
    const end = (part: number): number => (3 * at + part < 0 ? 0 : (this.#ends[3 * at + part] ?? 0));
    return {
      index,
      arrivedMs: this.#times[at] ?? 0,
      shard: shardNames[this.#shards[at] ?? 0] ?? '',
      partitionKey: decoder.decode(this.#bytes.subarray(end(-1), end(0))),
      sequenceNumber: decoder.decode(this.#bytes.subarray(end(0), end(1))),
      data: this.#bytes.subarray(end(1), end(2)),
    };
  }
}

/** Keeps the newest records of a stream, in a bounded memory. Each has an index, which counts from the start. */
export class RecordStore {
  readonly #bounds: Bounds;
  readonly #shardNames: string[] = [];
  readonly #shardNumbers = new Map<string, number>();
  #chunks: Chunk[] = [];
  #bytes = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** The index of the oldest record that is kept. */
  get first(): number {
    return this.#chunks[0]?.first ?? 0;
  }

  /** The index of the next record. */
  get end(): number {
    const last = this.#chunks.at(-1);
    return last === undefined ? 0 : last.first + last.count;
  }

  /** The memory that it takes, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  add(shard: string, sequenceNumber: string, partitionKey: string, arrivedMs: number, data: Uint8Array): void {
    const parts = [encoder.encode(partitionKey), encoder.encode(sequenceNumber), data];
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || !chunk.hasRoom(bytes)) {
      chunk = new Chunk(this.end, Math.max(CHUNK_BYTES, bytes));
      this.#chunks.push(chunk);
      this.#bytes += chunk.size;
      this.#forgetOldest();
    }
    chunk.add(arrivedMs, this.#numberOf(shard), parts);
  }

  /** @returns undefined for a record that is not kept any more, or has not come yet */
  row(index: number): StoredRow | undefined {
    let [low, high] = [0, this.#chunks.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const chunk = this.#chunks[middle] as Chunk;
      if (index < chunk.first) {
        high = middle - 1;
      } else if (index >= chunk.first + chunk.count) {
        low = middle + 1;
      } else {
        return chunk.row(index, this.#shardNames);
      }
    }
    return undefined;
  }

  /** The newest chunk always stays. */
  #forgetOldest(): void {
    let forgotten = 0;
    while (
      forgotten < this.#chunks.length - 1 &&
      (this.#bytes > this.#bounds.bytes || this.end - (this.#chunks[forgotten]?.first ?? 0) > this.#bounds.records)
    ) {
      this.#bytes -= this.#chunks[forgotten]?.size ?? 0;
      forgotten += 1;
    }
    if (forgotten > 0) {
      this.#chunks = this.#chunks.slice(forgotten);
    }
  }

  #numberOf(shard: string): number {
    const known = this.#shardNumbers.get(shard);
    if (known !== undefined) {
      return known;
    }
    this.#shardNames.push(shard);
    this.#shardNumbers.set(shard, this.#shardNames.length - 1);
    return this.#shardNames.length - 1;
  }
}
