import type { TroubleEvent } from './history.ts';

const EVERY_MS = 100;

/** If the timer is this late, ms, the machine is too busy for what depends on time. */
const BUSY_MS = 500;

/**
 * Notes when this machine or this process is overloaded. With a separate engine, every DynamoDB call goes through this
 * process.
 */
export class OverloadWatch {
  readonly troubles: TroubleEvent[] = [];
  #lastMs = Date.now();
  readonly #timer = setInterval(() => this.#look(), EVERY_MS);

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const endMs = Date.now();
    if (endMs - this.#lastMs > BUSY_MS) {
      this.troubles.push({ kind: 'trouble', stream: '', what: 'overload', startMs: this.#lastMs, endMs });
    }
    this.#lastMs = endMs;
  }
}
