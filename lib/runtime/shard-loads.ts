/** How full the seconds of a shard are, as far as one process sees it. */
export interface SeenLoad {
  /** Above a half in several seconds of the last minute, by records of both its halves: the shard is split ahead of need. */
  readonly isHot: boolean;
  /** Above a quarter in this second: the shard is not merged for a day. */
  readonly isBusy: boolean;
}

/** What a second of a shard holds after an append, and what the append added to it. */
export interface NotedAppend {
  /** Epoch seconds. */
  readonly second: number;
  /** Of what the shard accepts in a second, 1 for all of it. */
  readonly share: number;
  /** Bytes of the append, and those among them that a split would leave in the lower half. */
  readonly bytes: number;
  readonly lowerBytes: number;
}

/** With twice its peak as capacity, a shard is never fuller than a half (Kinesis' rule for on-demand streams). */
const HOT_SHARE = 0.5;
const BUSY_SHARE = 0.25;

/** A single full second is a burst, and not yet a peak. */
const HOT_SECONDS = 3;
const WITHIN_SECONDS = 60;

/** A split helps if each half takes this share of the load with it. A hot partition key stays in one half, however often it is split. */
const LEAST_HALF = 0.1;

/** The most shards that are remembered. Those beyond are forgotten, and only counted anew. */
const MOST_SHARDS = 10_000;

interface Remembered {
  seconds: number[];
  bytes: number;
  lowerBytes: number;
}

/** Remembers in which seconds shards were more than half full, and by which half. */
export class ShardLoads {
  readonly #hot = new Map<string, Remembered>();

  /** Notes an append. @param shard a name that no other shard has */
  note(shard: string, { second, share, bytes, lowerBytes }: NotedAppend): SeenLoad {
    const isBusy = share > BUSY_SHARE;
    if (share <= HOT_SHARE) {
      return { isHot: false, isBusy };
    }
    const hot = this.#remembered(shard, second);
    if (hot.seconds.at(-1) !== second) {
      hot.seconds.push(second);
    }
    hot.bytes += bytes;
    hot.lowerBytes += lowerBytes;
    const lower = hot.lowerBytes / hot.bytes;
    const isShared = lower >= LEAST_HALF && lower <= 1 - LEAST_HALF;
    return { isHot: hot.seconds.length >= HOT_SECONDS && isShared, isBusy };
  }

  #remembered(shard: string, second: number): Remembered {
    const known = this.#hot.get(shard);
    const seconds = (known?.seconds ?? []).filter((hot) => hot > second - WITHIN_SECONDS);
    if (known !== undefined && seconds.length > 0) {
      known.seconds = seconds;
      return known;
    }
    if (this.#hot.size >= MOST_SHARDS) {
      this.#hot.clear();
    }
    const fresh = { seconds, bytes: 0, lowerBytes: 0 };
    this.#hot.set(shard, fresh);
    return fresh;
  }
}
