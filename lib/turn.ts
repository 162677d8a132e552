/** How long work may keep the event loop from everything else, ms. */
const MAX_TURN_MS = 10;

/**
 * Lets others have their turn of the event loop: whoever does one thing after the other without waiting for anything would keep
 * sockets and timers waiting. What comes too long after the turn began waits for the next one.
 */
export class Turn {
  #begun: number | undefined;

  /** @returns a promise only where what comes has to wait */
  allows(): Promise<void> | undefined {
    const nowMs = performance.now();
    if (this.#begun === undefined) {
      this.#begun = nowMs;
      setImmediate(() => {
        this.#begun = undefined;
      });
      return undefined;
    }
    return nowMs - this.#begun < MAX_TURN_MS ? undefined : new Promise((resolve) => setImmediate(resolve));
  }
}
