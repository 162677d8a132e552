/** Notifies waiters in this process of events: an append to a shard, a subscription that was replaced. */
export class Signals {
  readonly #watches = new Map<string, Set<Watch>>();

  /** Watches for any of the names. The caller closes the watch. */
  watch(...names: readonly string[]): Watch {
    const watch = new Watch(() => {
      for (const name of names) {
        const others = this.#watches.get(name);
        others?.delete(watch);
        if (others?.size === 0) {
          this.#watches.delete(name);
        }
      }
    });
    for (const name of names) {
      const watches = this.#watches.get(name) ?? new Set();
      this.#watches.set(name, watches.add(watch));
    }
    return watch;
  }

  send(name: string): void {
    for (const watch of this.#watches.get(name) ?? []) {
      watch.wake();
    }
  }
}

/** Remembers a wake-up until the next wait: no event between two waits is missed. */
export class Watch {
  readonly close: () => void;
  #woken = false;
  #resolve: (() => void) | undefined;

  constructor(close: () => void) {
    this.close = close;
  }

  get isWoken(): boolean {
    return this.#woken;
  }

  wake(): void {
    this.#woken = true;
    this.#resolve?.();
  }

  /** Waits until woken, for at most `ms`, or until the signal aborts. */
  async wait(ms: number, gone: AbortSignal): Promise<'woken' | 'timeout'> {
    if (!this.#woken && !gone.aborted) {
      await new Promise<void>((resolve) => {
        const timeout = setTimeout(resolve, ms);
        this.#resolve = () => {
          clearTimeout(timeout);
          resolve();
        };
        gone.addEventListener('abort', this.#resolve, { once: true });
      });
      if (this.#resolve !== undefined) {
        gone.removeEventListener('abort', this.#resolve);
      }
      this.#resolve = undefined;
    }
    const woken = this.#woken;
    this.#woken = false;
    return woken ? 'woken' : 'timeout';
  }
}
