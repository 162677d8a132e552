/** A clock that stands until a test turns it: what has to happen within a second does, however busy the machine is. */
export class TestClock {
  #nowMs = Date.now();

  /** Epoch ms. */
  readonly now = (): number => this.#nowMs;

  /** Lets time pass. */
  pass(ms: number): void {
    this.#nowMs += ms;
  }

  /** Goes on to a millisecond of a second, as a reshard that closes shards at the end of one would wait for. */
  passToMillisecond(ms: number): void {
    this.#nowMs += (ms - (this.#nowMs % 1_000) + 1_000) % 1_000;
  }

  /** Goes on to the beginning of the next second. */
  nextSecond(): void {
    this.#nowMs = (Math.floor(this.#nowMs / 1_000) + 1) * 1_000;
  }
}
