/** A moment in one process, by its wall clock and by its monotonic clock. It means nothing in another process. */
export interface Moment {
  /** Epoch ms. */
  readonly wallMs: number;
  /** Ms since an arbitrary start. Never set back or ahead. */
  readonly steadyMs: number;
}

/**
 * Measures ages in this process with two clocks, and uses the larger age. A wall clock may be set back, and a
 * monotonic clock may stop while a machine sleeps. So an age is never too small, and a value that may be used for a
 * limited time expires too early rather than too late.
 */
export class Stopwatch {
  readonly #now: () => number;
  readonly #steady: () => number;

  /** @param now the wall clock, epoch ms @param steady a monotonic clock, ms */
  constructor(now: () => number, steady: () => number = () => performance.now()) {
    this.#now = now;
    this.#steady = steady;
  }

  moment(): Moment {
    return { wallMs: this.#now(), steadyMs: this.#steady() };
  }

  /** The age of a moment, ms. A wall clock that was set back counts by how far it moved. */
  ageMs({ wallMs, steadyMs }: Moment): number {
    return Math.max(this.#steady() - steadyMs, Math.abs(this.#now() - wallMs));
  }
}
