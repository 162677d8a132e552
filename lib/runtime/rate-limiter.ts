/** Rates that one process watches over, without a word to the store: each process allows them anew. */
export class RateLimiter {
  readonly #now: () => number;
  /** What has been used of the current second, by key. */
  readonly #used = new Map<string, number>();
  /** Until when a key is refused altogether, epoch ms. */
  readonly #blockedUntilMs = new Map<string, number>();
  #second = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Takes one of a key's calls of this second.
   * @returns false when there are none left, or the key is blocked
   */
  admit(key: string, callsPerSecond: number): boolean {
    this.#turn();
    if (this.#blockedUntilMs.has(key)) {
      return false;
    }
    const calls = this.#used.get(key) ?? 0;
    if (calls >= callsPerSecond) {
      return false;
    }
    this.#used.set(key, calls + 1);
    return true;
  }

  /**
   * Notes an amount that a call has turned out to use. More than a second's worth blocks the key for as many further
   * seconds as it would have taken.
   */
  spend(key: string, amount: number, perSecond: number): void {
    this.#turn();
    const spentKey = `${key} amount`;
    const spent = (this.#used.get(spentKey) ?? 0) + amount;
    this.#used.set(spentKey, spent);
    if (spent > perSecond) {
      this.#blockedUntilMs.set(key, (this.#second + Math.ceil(spent / perSecond)) * 1000);
    }
  }

  /** Forgets the last second's use, and blocks that are over: what is kept is bounded by one second's calls. */
  #turn(): void {
    const nowMs = this.#now();
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second) {
      return;
    }
    this.#second = second;
    this.#used.clear();
    for (const [key, untilMs] of this.#blockedUntilMs) {
      if (untilMs <= nowMs) {
        this.#blockedUntilMs.delete(key);
      }
    }
  }
}
