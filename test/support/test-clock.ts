/**
 * A clock that stands still until a test moves it. So what must happen within one second does, even on a busy machine.
 */
export class TestClock {
  #nowMs = Date.now();

  /** Epoch ms. */
  readonly now = (): number => this.#nowMs;

  /** Moves the clock ahead. */
  pass(ms: number): void {
    this.#nowMs += ms;
  }

  /**
   * Moves on to a millisecond of a second. A reshard that closes shards at the end of a second would wait for such a
   * moment.
   */
  passToMillisecond(ms: number): void {
    this.#nowMs += (ms - (this.#nowMs % 1_000) + 1_000) % 1_000;
  }

  /** Moves on to the beginning of the next second. */
  nextSecond(): void {
    this.#nowMs = (Math.floor(this.#nowMs / 1_000) + 1) * 1_000;
  }
}
