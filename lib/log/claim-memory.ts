import { type Moment, Stopwatch } from '../runtime/stopwatch.ts';
import type { ShardReference } from '../store/table.ts';
import type { ClaimMethod } from './claim-methods.ts';
import { shardName } from './shard-name.ts';

interface Remembered {
  readonly method: ClaimMethod | undefined;
  readonly since: Moment;
  /** When another writer was last seen to put above this process' batch; undefined: never. */
  readonly othersSeen: Moment | undefined;
}

/** How long a process assumes that its own last batch is the newest; and, after it was wrong, how long it does not. */
const TRUST_MS = 5_000;

/** With more shards than this the memory is cleared, which costs some reads. */
const MAX_REMEMBERED_SHARDS = 20_000;

/** How this process claimed its last position of each shard. These are hints: they save a read as long as they are right. */
export class ClaimMemory {
  readonly #stopwatch: Stopwatch;
  readonly #shards = new Map<string, Remembered>();

  constructor(now: () => number) {
    this.#stopwatch = new Stopwatch(now);
  }

  /** @returns undefined if the newest batch should be read */
  recall(shard: ShardReference): ClaimMethod | undefined {
    const remembered = this.#shards.get(shardName(shard));
    if (remembered?.method === undefined || remembered.method.kind === 'reserve') {
      // If the remembered tail is stale, the condition of the reservation fails.
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

  /** Other writers put to the shard as well: for some time this process assumes nothing. */
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
