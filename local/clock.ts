import { durationMs } from './duration.ts';

/** The longest that a timer of Node can wait, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The clock of a local server. It runs with the machine's clock, until it is turned ahead or held. Transitions wait for it too.
 */
export class Clock {
  #heldMs: number | undefined;
  #aheadMs = 0;
  /** Each looks again at what it waits for. */
  readonly #waiting = new Set<() => void>();

  /** Epoch ms. */
  readonly now = (): number => this.#heldMs ?? Date.now() + this.#aheadMs;

  /** Stops the clock: from now on, only `advance` moves it. */
  hold(): void {
    this.#heldMs = this.now();
  }

  /** Lets the clock run again, from the time that it shows. */
  run(): void {
    this.#aheadMs = this.now() - Date.now();
    this.#heldMs = undefined;
    this.#lookAgain();
  }

  /**
   * Moves the clock ahead, whether it is held or runs.
   * @param duration such as `500ms`, `30s`, `10m`, `25h` or `7d`, or a number of ms
   * @throws Error if it is no duration: time never goes back
   */
  advance(duration: string | number): void {
    const ms = durationMs(duration);
    if (this.#heldMs === undefined) {
      this.#aheadMs += ms;
    } else {
      this.#heldMs += ms;
    }
    this.#lookAgain();
  }

  /** Sets the clock to the machine's, held or running as it was at first. Nothing may wait for it any more. */
  reset(held: boolean): void {
    this.#aheadMs = 0;
    this.#heldMs = held ? Date.now() : undefined;
    this.#waiting.clear();
  }

  /** Resolves once the clock has reached a time, epoch ms. It keeps no process alive. */
  readonly until = (timeMs: number): Promise<void> =>
    new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const look = () => {
        clearTimeout(timer);
        const leftMs = timeMs - this.now();
        if (leftMs <= 0) {
          this.#waiting.delete(look);
          resolve();
        } else if (this.#heldMs === undefined) {
          timer = setTimeout(look, Math.min(leftMs, MAX_TIMER_MS)).unref();
        }
      };
      this.#waiting.add(look);
      look();
    });

  #lookAgain(): void {
    for (const look of this.#waiting) {
      look();
    }
  }
}
