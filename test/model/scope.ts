/** Deliberate mistakes; each has to be found. */
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
  /** How far the clock goes. */
  readonly until: number;
  /** How often one writer claims. */
  readonly claims: number;
  /** Whether bodies are stored in chunks of their own, of which one put may be delayed. */
  readonly chunks?: boolean;
  readonly mutations?: Mutations;
}
