import type { _Record as KinesisRecord } from '@aws-sdk/client-kinesis';

/** How far a page reaches. */
export interface Reach {
  readonly records: readonly Pick<KinesisRecord, 'ApproximateArrivalTimestamp'>[];
  /** What the endpoint says of how far it is behind the tip, ms. */
  readonly behindMs: number;
}

/** Records of a page at most. There are emulators that always say that a page reaches the tip. */
const FULL_PAGE = 10_000;

/**
 * Tells of the pages of a shard, one after the other, whether one reaches everything that had arrived when this was called. The clock
 * of this machine may show another time than that of the endpoint, so it is only asked how much time has passed.
 *
 * A page that is behind has its own answer to the time: its last record's arrival, and how long ago that was. Endpoints do not agree
 * from which record on they count that. So a page has to be newer than what the first one told, and no further behind than the reading
 * has taken: one of the two holds whatever they count from.
 * @param now ms
 */
export function tipOf(now: () => number = () => performance.now()): (page: Reach) => boolean {
  const begunMs = now();
  let askedMs = begunMs;
  let toldMs: number | undefined;
  return ({ records, behindMs }) => {
    const takenMs = askedMs - begunMs;
    // The next page is asked for later than now.
    askedMs = now();
    const lastMs = records.at(-1)?.ApproximateArrivalTimestamp?.getTime();
    if (behindMs === 0 && records.length < FULL_PAGE) {
      return true;
    }
    if (lastMs === undefined) {
      return false;
    }
    toldMs ??= lastMs + behindMs;
    return lastMs > toldMs && behindMs <= takenMs;
  };
}
