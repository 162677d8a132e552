import type { ShardReference } from '../store/table.ts';
import type { Way } from './claim-ways.ts';
import { shardName } from './shard-name.ts';

interface Remembered {
  readonly way: Way | undefined;
  /** Epoch ms. */
  readonly atMs: number;
  /** Until then, others may have put above what this process has put last, epoch ms. */
  readonly othersUntilMs: number;
}

/** How long a process takes its own last batch for the newest; and, once it was wrong, does not. */
const TRUST_MS = 5_000;

/** Beyond so many shards what is remembered is dropped and begun anew: that costs some reads. */
const MAX_REMEMBERED_SHARDS = 20_000;

/** How this process claimed its last position of each shard: hints, which save a read as long as they are right. */
export class ClaimMemory {
  readonly #now: () => number;
  readonly #shards = new Map<string, Remembered>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns undefined when the newest batch had better be looked at */
  recall(shard: ShardReference): Way | undefined {
    const remembered = this.#shards.get(shardName(shard));
    if (remembered?.way === undefined || remembered.way.kind === 'reserve') {
      // What is wrong with the tail as it was, the tail tells itself.
      return remembered?.way;
    }
    const nowMs = this.#now();
    return nowMs - remembered.atMs <= TRUST_MS && nowMs >= remembered.othersUntilMs ? remembered.way : undefined;
  }

  remember(shard: ShardReference, way: Way): void {
    const othersUntilMs = this.#shards.get(shardName(shard))?.othersUntilMs ?? 0;
    this.#set(shard, { way, atMs: this.#now(), othersUntilMs });
  }

  /** Others put to the shard as well: for some time nothing is taken for granted. */
  noteOthers(shard: ShardReference): void {
    const nowMs = this.#now();
    this.#set(shard, { way: undefined, atMs: nowMs, othersUntilMs: nowMs + TRUST_MS });
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
