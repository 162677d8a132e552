import type { TroubleEvent } from './history.ts';

const EVERY_MS = 100;

/** From so much on the machine is too busy for what depends on time, ms. */
const BUSY_MS = 500;

/** Notes when this machine, or this process, through which every DynamoDB call goes, has more to do than it can. */
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
