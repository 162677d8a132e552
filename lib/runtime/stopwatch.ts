/** A moment as one process saw it, by its wall clock and by its monotonic one. It means nothing to another process. */
export interface Moment {
  /** Epoch ms. */
  readonly wallMs: number;
  /** Ms since an arbitrary beginning; never set back or ahead. */
  readonly steadyMs: number;
}

/**
 * Tells how long ago something was in this process. Two clocks are asked, and the one that says more is believed: a wall clock may
 * be set back, and a monotonic one may stand still while a machine sleeps. So an age is never told too small, and what may
 * only be used for some time is dropped too early rather than too late.
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

  /** How long ago a moment was, ms. A wall clock that was set back counts by how far it is off. */
  ageMs({ wallMs, steadyMs }: Moment): number {
    return Math.max(this.#steady() - steadyMs, Math.abs(this.#now() - wallMs));
  }
}
