import { type Moment, Stopwatch } from '../runtime/stopwatch.ts';
import type { ShardReference } from '../store/table.ts';
import type { ClaimMethod } from './claim-methods.ts';
import { shardName } from './shard-name.ts';

interface Remembered {
  readonly method: ClaimMethod | undefined;
  readonly since: Moment;
  /** When others were last seen to put above what this process has put; undefined: never. */
  readonly othersSeen: Moment | undefined;
}

/** How long a process takes its own last batch for the newest; and, once it was wrong, does not. */
const TRUST_MS = 5_000;

/** Beyond so many shards what is remembered is dropped and begun anew: that costs some reads. */
const MAX_REMEMBERED_SHARDS = 20_000;

/** How this process claimed its last position of each shard: hints, which save a read as long as they are right. */
export class ClaimMemory {
  readonly #stopwatch: Stopwatch;
  readonly #shards = new Map<string, Remembered>();

  constructor(now: () => number) {
    this.#stopwatch = new Stopwatch(now);
  }

  /** @returns undefined when the newest batch had better be looked at */
  recall(shard: ShardReference): ClaimMethod | undefined {
    const remembered = this.#shards.get(shardName(shard));
    if (remembered?.method === undefined || remembered.method.kind === 'reserve') {
      // What is wrong with the tail as it was, the tail tells itself.
      return remembered?.method;
    }
    const { method, since, othersSeen } = remembered;
    const meetsOthers = othersSeen !== undefined && this.#stopwatch.ageMs(othersSeen) < TRUST_MS;
    return this.#stopwatch.ageMs(since) <= TRUST_MS && !meetsOthers ? method : undefined;
  }

  remember(shard: ShardReference, method: ClaimMethod): void {
    const othersSeen = this.#shards.get(shardName(shard))?.othersSeen;
    this.#set(shard, { method, since: this.#stopwatch.moment(), othersSeen });
  }

  /** Others put to the shard as well: for some time nothing is taken for granted. */
  noteOthers(shard: ShardReference): void {
    const now = this.#stopwatch.moment();
    this.#set(shard, { method: undefined, since: now, othersSeen: now });
  }

  forget(shard: ShardReference): void {
    this.#shards.delete(shardName(shard));
  }

  #set(shard: ShardReference, remembered: Remembered): void {
    if (this.#shards.size >= MAX_REMEMBERED_SHARDS) {
      this.#shards.clear();
    }
    this.#shards.set(shardName(shard), remembered);
  }
}
