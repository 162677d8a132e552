/** The terms of a round, besides its faults and kills. Its checker has to allow for them. */
export interface RoundTerms {
  /** Whether shards have small limits; otherwise they have none. */
  readonly throttling: boolean;
  /** Whether the clocks of API processes jump, and run slow or fast. */
  readonly turningClocks: boolean;
  /** Whether bodies of more than some bytes are objects of an S3-compatible server, whose calls meet faults too. */
  readonly bodiesInS3: boolean;
  /** Whether records may be larger than 1 MiB, and some are. */
  readonly largeRecords: boolean;
  /**
   * The most that any clock of an API process is behind the clients' clock, and the most that one is ahead of it, ms.
   */
  readonly behindMs: number;
  readonly aheadMs: number;
}

/** The most that steady clocks differ, ms. */
const STEADY_AHEAD_MS = 400;

/** The protocol works while clocks differ by less than 50 s. These clocks differ by at most 45 s. */
const TURNING_BEHIND_MS = 15_000;
const TURNING_AHEAD_MS = 30_000;

/**
 * Every third seed has small limits. Every second seed has turning clocks. Two of four seeds have large records. So
 * twelve seeds in a row meet each combination. Every fifth seed keeps bodies in S3. The first seed, which `npm test` runs, has exact times.
 */
export function roundTerms(seed: number): RoundTerms {
  const turningClocks = seed % 2 === 0;
  return {
    throttling: seed % 3 === 0,
    turningClocks,
    bodiesInS3: seed % 5 === 0,
    largeRecords: seed % 4 === 1 || seed % 4 === 2,
    behindMs: turningClocks ? TURNING_BEHIND_MS : 0,
    aheadMs: turningClocks ? TURNING_AHEAD_MS : STEADY_AHEAD_MS,
  };
}

/** The most that any two clocks of a round differ, ms. */
export const clockDifferenceMs = ({ behindMs, aheadMs }: RoundTerms): number => behindMs + aheadMs;

/** The longest time that a stream may be in a transition, ms, without what clocks add to it. */
const MAX_TRANSITION_MS = 60_000;

/** A reader that gets nothing for longer is stuck, ms: faults, kills and stops delay it for less. */
const STUCK_AFTER_MS = 45_000;

export const maxTransitionMs = (terms: RoundTerms): number => MAX_TRANSITION_MS + clockDifferenceMs(terms);

/** Readers judge by their own clocks how long ago a writer has left a gap. */
export const stuckAfterMs = ({ behindMs }: RoundTerms): number => STUCK_AFTER_MS + behindMs;

/** The terms in a few words. */
export function termsInWords({ throttling, turningClocks, largeRecords, bodiesInS3 }: RoundTerms): string {
  const words = [
    throttling ? 'small limits' : 'no limits',
    turningClocks ? 'turning clocks' : 'steady clocks',
    ...(largeRecords ? ['large records'] : []),
    ...(bodiesInS3 ? ['bodies in S3'] : []),
  ];
  return words.join(', ');
}
