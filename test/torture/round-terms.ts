/** What a round is made of beside its faults and kills, and what its checker has to allow for. */
export interface RoundTerms {
  /** Whether shards have limits, small ones. */
  readonly throttling: boolean;
  /** Whether the clocks of API processes jump, and run slow or fast. */
  readonly turningClocks: boolean;
  /** Whether records may be larger than 1 MiB, and some are. */
  readonly largeRecords: boolean;
  /** How far any clock of an API process is behind the clients' clock at most, and how far ahead of it, ms. */
  readonly behindMs: number;
  readonly aheadMs: number;
}

/** Clocks that keep still differ by as much, ms. */
const STEADY_AHEAD_MS = 400;

/** The protocol works while clocks differ by less than 50 s: these stay within 45. */
const TURNING_BEHIND_MS = 15_000;
const TURNING_AHEAD_MS = 30_000;

/**
 * Every third seed has small limits, every second one turning clocks, and two of four have large records: so twelve seeds
 * in a row meet each combination, and the first, which `npm test` runs, has exact times.
 */
export function roundTerms(seed: number): RoundTerms {
  const turningClocks = seed % 2 === 0;
  return {
    throttling: seed % 3 === 0,
    turningClocks,
    largeRecords: seed % 4 === 1 || seed % 4 === 2,
    behindMs: turningClocks ? TURNING_BEHIND_MS : 0,
    aheadMs: turningClocks ? TURNING_AHEAD_MS : STEADY_AHEAD_MS,
  };
}

/** What any two clocks of a round differ by at most, ms. */
export const clockDifferenceMs = ({ behindMs, aheadMs }: RoundTerms): number => behindMs + aheadMs;

/** No stream may be in a state of transition for longer, ms, and what clocks do to it; it is said in the README. */
const MAX_TRANSITION_MS = 60_000;

/** A reader that is given nothing for longer will not be, ms: faults, kills and stops are shorter. */
const STUCK_AFTER_MS = 45_000;

export const maxTransitionMs = (terms: RoundTerms): number => MAX_TRANSITION_MS + clockDifferenceMs(terms);

/** Readers tell by their own clocks how long ago a writer has left a hole. */
export const stuckAfterMs = ({ behindMs }: RoundTerms): number => STUCK_AFTER_MS + behindMs;

/** The terms in a few words. */
export function termsInWords({ throttling, turningClocks, largeRecords }: RoundTerms): string {
  const words = [
    throttling ? 'small limits' : 'no limits',
    turningClocks ? 'turning clocks' : 'steady clocks',
    ...(largeRecords ? ['large records'] : []),
  ];
  return words.join(', ');
}
