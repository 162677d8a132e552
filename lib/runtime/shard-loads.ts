/** How full the seconds of a shard are, as far as one process sees it. */
export interface SeenLoad {
  /** Above a half in several seconds of the last minute: the shard is split ahead of need. */
  readonly isHot: boolean;
  /** Above a quarter in this second: the shard is not merged for a day. */
  readonly isBusy: boolean;
}

/** With twice its peak as capacity, a shard is never fuller than a half (Kinesis' rule for on-demand streams). */
const HOT_SHARE = 0.5;
const BUSY_SHARE = 0.25;

/** A single full second is a burst, and not yet a peak. */
const HOT_SECONDS = 3;
const WITHIN_SECONDS = 60;

/** The most shards that are remembered. Those beyond are forgotten, and only counted anew. */
const MOST_SHARDS = 10_000;

/** Remembers in which seconds shards were more than half full. */
export class ShardLoads {
  readonly #hotSeconds = new Map<string, number[]>();

  /**
   * Notes what a second of a shard holds after an append.
   * @param shard a name that no other shard has
   * @param share of what the shard accepts in a second, 1 for all of it
   */
  note(shard: string, second: number, share: number): SeenLoad {
    const isBusy = share > BUSY_SHARE;
    if (share <= HOT_SHARE) {
      return { isHot: false, isBusy };
    }
    const seconds = (this.#hotSeconds.get(shard) ?? []).filter(
      (hot) => hot !== second && hot > second - WITHIN_SECONDS,
    );
    seconds.push(second);
    if (this.#hotSeconds.size >= MOST_SHARDS) {
      this.#hotSeconds.clear();
    }
    this.#hotSeconds.set(shard, seconds);
    return { isHot: seconds.length >= HOT_SECONDS, isBusy };
  }
}
