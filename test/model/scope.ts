/** Deliberate mistakes. The model has to find each of them. */
export interface Mutations {
  readonly overwrite?: boolean;
  readonly fillUnconditionally?: boolean;
  readonly acknowledgeLate?: boolean;
  readonly skipWithoutFilling?: boolean;
  readonly skipByCount?: boolean;
  readonly clockAfterLook?: boolean;
  readonly guessElsewhere?: boolean;
  readonly guessAboveReserved?: boolean;
  readonly guessAboveSeal?: boolean;
  readonly reserveBesideChain?: boolean;
  readonly sealBelowReservations?: boolean;
  readonly sealWithoutClosing?: boolean;
  readonly sealWithoutChoice?: boolean;
  readonly sealWithoutBreaking?: boolean;
  readonly skipBelowAheadSeal?: boolean;
  readonly closeBeforeBreak?: boolean;
  readonly closeTwice?: boolean;
  readonly oneTokenForAllBodies?: boolean;
}

/** How much of the protocol is explored. */
export interface Scope {
  readonly writers: number;
  readonly readers: number;
  readonly sealers: number;
  /** The time at which the clock stops, in units of the acknowledgement deadline. */
  readonly until: number;
  /** How many claims one writer makes at most. */
  readonly claims: number;
  /** Whether bodies are stored in their own chunks. One put of a chunk may be delayed. */
  readonly chunks?: boolean;
  readonly mutations?: Mutations;
}
