import type { Moment } from '../runtime/stopwatch.ts';
import type { Batch } from '../store/batch-item.ts';
import type { SecondCounts } from '../store/second-counts.ts';

/** A position at which a writer may put its batch. */
export interface Claim {
  readonly position: number;
  /** Indexes of the records that the shard's limits admit, ascending. At least one. */
  readonly admitted: readonly number[];
  /** Taken before any request was sent, and before the time that dates the claim. The deadline counts from it. */
  readonly claimed: Moment;
  /** When its records arrive, epoch ms. It ascends with the positions, except within a quarter of a second. */
  readonly arrivalMs: number;
  readonly beforeMs: number;
  readonly counts: SecondCounts;
  /** Set for a link of a chain. Undefined for its last link, and for reservations that begin no chain. */
  readonly headMs?: number;
  /** Whether the position belongs to a chain. */
  readonly chained: boolean;
  /** Whether this claim builds on a consistent view: a reservation, a consistent read, or the batch that a lost claim met. */
  readonly looked: boolean;
}

/** An earlier claim of the same append, which ended at a position that another batch has taken. */
export interface LostClaim {
  readonly claim: Claim;
  /** A put that is lost is billed by its size. */
  readonly bodyBytes: number;
  /** The batch that stands there; undefined when it is not known. */
  readonly takenBy: Batch | undefined;
}

/** No position was won before the deadline: other writers were always faster. Nothing was written. */
export class NoPositionWon extends Error {
  override readonly name = 'NoPositionWon';
}

/** What a claim is made with, whichever method it takes. */
export interface ClaimTerms {
  readonly claimed: Moment;
  /** Whether the newest batch was read for this claim, consistently. */
  readonly looked: boolean;
  /** Whether the claim ends the chain. */
  readonly isLast: boolean;
}
