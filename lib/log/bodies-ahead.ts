import type { DataBatch } from '../store/batch-item.ts';
import { getBodyObject } from '../store/body-object.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';

/** The objects that one read fetches at once: enough for speed, few enough to leave sockets for other calls. */
const OBJECTS_AT_ONCE = 8;

/** What the response may still take. Objects beyond that are not fetched ahead: each is paid for. */
export interface Room {
  readonly records: number;
  readonly bytes: number;
}

/** The bodies of a page that are objects. They are fetched side by side, ahead of the batch that is read. */
export class BodiesAhead {
  readonly #fetch: (batch: DataBatch) => Promise<Uint8Array | undefined>;
  readonly #waiting: DataBatch[];
  readonly #begun = new Map<DataBatch, Promise<Uint8Array | undefined>>();
  #room: Room;

  /** @param batches those with objects that may be read, in their order; `room` counts from the first of them */
  constructor(tables: Tables, shard: ShardReference, batches: readonly DataBatch[], room: Room) {
    this.#fetch = (batch) => getBodyObject(tables, shard, batch);
    this.#waiting = [...batches];
    this.#room = room;
  }

  /** Returns the object of a batch, and begins to fetch those of the next ones. @returns undefined if it is gone */
  body(batch: DataBatch): Promise<Uint8Array | undefined> {
    this.#beginAhead(batch);
    const body = this.#begun.get(batch) ?? this.#fetch(batch);
    this.#begun.delete(batch);
    return body;
  }

  #beginAhead(needed: DataBatch): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const isNeeded = next === needed;
      if (!isNeeded && (this.#begun.size >= OBJECTS_AT_ONCE || this.#room.records <= 0 || this.#room.bytes <= 0)) {
        return;
      }
      this.#waiting.shift();
      const { recordCount, objectBytes = 0 } = next;
      // Packed bytes are at most as many as those of the records.
      this.#room = { records: this.#room.records - recordCount, bytes: this.#room.bytes - objectBytes };
      const fetching = this.#fetch(next);
      // Nobody waits for it if the response is full before: its error concerns nobody then.
      fetching.catch(() => {});
      this.#begun.set(next, fetching);
    }
  }
}
