/** How long calls may keep the event loop from everything else, ms. */
const MAX_TURN_MS = 10;

/**
 * Lets others have their turn. The engine answers at once, and so who makes one call after the other would keep sockets and timers
 * waiting: a call that comes too long after the turn of the event loop began waits for the next one.
 */
export class Turn {
  #begun: number | undefined;

  /** @returns a promise only where the call has to wait */
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
