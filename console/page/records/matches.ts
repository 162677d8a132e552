import type { RecordPlace } from './messages.ts';
import type { Accepts } from './record-filter.ts';
import type { RecordStore } from './record-store.ts';

/** Records that a filter looks at before others get their turn, and how long it looks, ms: some records take their time. */
const AT_ONCE = 2_000;
const AT_ONCE_MS = 50;

/** The indexes of the records that are shown, from old to new. Without a filter they need no list. */
export class Matches {
  readonly #store: RecordStore;
  readonly #accepts: Accepts | undefined;
  #found: number[] = [];
  /** How many of the found ones are gone. */
  #gone = 0;
  #looked: number;

  constructor(store: RecordStore, accepts: Accepts | undefined) {
    this.#store = store;
    this.#accepts = accepts;
    this.#looked = store.first;
  }

  get isComplete(): boolean {
    return this.#accepts === undefined || this.#looked >= this.#store.end;
  }

  get count(): number {
    if (this.#accepts === undefined) {
      return this.#store.end - this.#store.first;
    }
    this.#forgetGone();
    return this.#found.length - this.#gone;
  }

  /** Looks at some more records. */
  lookOn(): void {
    this.#looked = Math.max(this.#looked, this.#store.first);
    const end = Math.min(this.#store.end, this.#looked + AT_ONCE);
    const endMs = performance.now() + AT_ONCE_MS;
    while (this.#accepts !== undefined && this.#looked < end && performance.now() < endMs) {
      const row = this.#store.row(this.#looked);
      if (row !== undefined && this.#accepts(row)) {
        this.#found.push(this.#looked);
      }
      this.#looked += 1;
    }
  }

  /** The index of a shown record, counted from the newest on. */
  fromNewest(at: number): number | undefined {
    if (at < 0 || at >= this.count) {
      return undefined;
    }
    return this.#accepts === undefined ? this.#store.end - 1 - at : this.#found[this.#found.length - 1 - at];
  }

  /**
   * Goes from a record to its neighbour among those that are shown.
   * @param index undefined: from before the newest one
   * @param by    1: to the next older one, -1: to the next newer one. At an end, it is the one there
   * @returns undefined if none is shown
   */
  neighbour(index: number | undefined, by: 1 | -1): RecordPlace | undefined {
    const newer = index === undefined ? 0 : this.#newerThan(index);
    const isShown = index !== undefined && this.fromNewest(newer) === index;
    const wanted = by === -1 ? newer - 1 : isShown ? newer + 1 : newer;
    const row = Math.max(0, Math.min(this.count - 1, wanted));
    const found = this.fromNewest(row);
    return found === undefined ? undefined : { index: found, row };
  }

  /** How many of the shown ones are newer than a record. */
  #newerThan(index: number): number {
    if (this.#accepts === undefined) {
      return Math.max(0, Math.min(this.count, this.#store.end - 1 - index));
    }
    let [low, high] = [0, this.#found.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#found[middle] ?? 0) <= index) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return this.#found.length - low;
  }

  #forgetGone(): void {
    while (this.#gone < this.#found.length && (this.#found[this.#gone] ?? 0) < this.#store.first) {
      this.#gone += 1;
    }
    if (this.#gone > this.#found.length / 2) {
      this.#found = this.#found.slice(this.#gone);
      this.#gone = 0;
    }
  }
}
