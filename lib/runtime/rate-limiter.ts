/** Limits rates within one process, without the store. Each process has its own count. */
export class RateLimiter {
  readonly #now: () => number;
  /** The use in the current second, by key. */
  readonly #used = new Map<string, number>();
  /** Until when all calls of a key are rejected, epoch ms. */
  readonly #blockedUntilMs = new Map<string, number>();
  #second = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Counts one call of a key in this second.
   * @returns false when no calls are left, or the key is blocked
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
   * Counts an amount that a call has used. If it exceeds what a second allows, the key is blocked for as many further
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

  /** Forgets the use of the last second, and blocks that have ended: memory is bounded by the calls of one second. */
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
