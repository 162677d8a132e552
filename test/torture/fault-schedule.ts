import { between, pick, type Random } from '../support/random.ts';

/** What goes wrong with one DynamoDB call, and how long it takes, ms. */
export type Fault =
  /**
   * The call or its response arrives late. `late`: so late that the client has given the call up, but it is applied.
   */
  | { readonly kind: 'slow-request' | 'slow-answer' | 'late'; readonly delayMs: number }
  /** The connection breaks: before the call is applied, or after. */
  | { readonly kind: 'request-lost' | 'answer-lost' }
  /** DynamoDB throttles the call. Nothing is applied. */
  | { readonly kind: 'throttled'; readonly error: string }
  /** DynamoDB fails: before it applies the call, or after. */
  | { readonly kind: 'failed' | 'failed-after' }
  /** An eventually consistent read does not see the writes of the last `delayMs` ms. */
  | { readonly kind: 'stale'; readonly delayMs: number };

export type FaultKind = Fault['kind'];

const THROTTLES = ['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'] as const;

/** How often a call meets each fault when the weather is 1, in parts of one. */
const FREQUENCIES: readonly (readonly [Exclude<FaultKind, 'stale'>, number])[] = [
  ['slow-request', 0.04],
  ['slow-answer', 0.04],
  ['late', 0.004],
  ['request-lost', 0.015],
  ['answer-lost', 0.02],
  ['throttled', 0.015],
  ['failed', 0.01],
  ['failed-after', 0.01],
];

const STALE_FREQUENCY = 0.15;

/** No read is more stale than this. */
export const MAX_STALENESS_MS = 3_000;

/** Throttling comes in bursts of so many calls in a row. So all attempts of one call meet it. */
const THROTTLED_CALLS = 12;

/** The share of throttled calls that begin a burst. */
const BURSTS = 0.3;

/**
 * The weather changes every so many calls. There are storms, showers, and calm (0), in which everything has to
 * recover.
 */
const CALLS_PER_WEATHER = 400;
const WEATHERS = [0, 0.3, 1, 1, 2.5];

/** The faults of one process's calls. For the same seed, its n-th call always meets the same fault. */
export class FaultSchedule {
  readonly #next: Random;
  #calls = 0;
  #weather = 1;
  #throttled = 0;

  constructor(next: Random) {
    this.#next = next;
  }

  /** @param mayBeStale whether the call is an eventually consistent read */
  draw(mayBeStale: boolean): Fault | undefined {
    if (this.#calls++ % CALLS_PER_WEATHER === 0) {
      this.#weather = pick(this.#next, WEATHERS);
    }
    // Always draws the same count of numbers, so that later faults do not depend on the kind of this call.
    const [which, stale, amount] = [this.#next(), this.#next(), this.#next()];
    if (this.#throttled > 0) {
      this.#throttled -= 1;
      return fault('throttled', () => amount);
    }
    if (mayBeStale && stale < STALE_FREQUENCY * this.#weather) {
      return { kind: 'stale', delayMs: Math.floor(amount * amount * MAX_STALENESS_MS) };
    }
    let bound = 0;
    for (const [kind, frequency] of FREQUENCIES) {
      bound += frequency * this.#weather;
      if (which < bound) {
        this.#throttled = kind === 'throttled' && amount < BURSTS ? THROTTLED_CALLS : 0;
        return fault(kind, () => amount);
      }
    }
    return undefined;
  }
}

function fault(kind: Exclude<FaultKind, 'stale'>, next: Random): Fault {
  switch (kind) {
    case 'slow-request':
    case 'slow-answer':
      return { kind, delayMs: between(next, 5, 400) };
    case 'late':
      return { kind, delayMs: between(next, 2_000, 14_000) };
    case 'throttled':
      return { kind, error: pick(next, THROTTLES) };
    default:
      return { kind };
  }
}
