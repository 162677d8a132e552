import { between, pick, type Random } from '../support/random.ts';
import { during } from './during.ts';
import type { TroubleEvent } from './history.ts';
import type { ApiProcess } from './processes.ts';

const MAX_REST_MS = 6_000;
const SHORT_MS = [1_000, 15_000] as const;

/** Longer than readers wait for a slow writer, ms. */
const LONG_MS = [15_000, 70_000] as const;
const LONG_PART = 0.1;

/** Stops API processes for some time, like a Lambda instance that is frozen in the middle of its work. */
export class Stopper {
  /** The number of stops, by their moments and by their lengths. */
  readonly stops = new Map<string, number>();
  readonly troubles: TroubleEvent[] = [];
  readonly #processes: readonly ApiProcess[];
  readonly #next: Random;

  constructor(processes: readonly ApiProcess[], next: Random) {
    this.#processes = processes;
    this.#next = next;
  }

  /** When it ends, every process that it has stopped runs again. */
  async run(stopped: () => boolean): Promise<void> {
    const next = this.#next;
    while (!stopped()) {
      await during(between(next, 0, MAX_REST_MS), stopped);
      await this.stop(pick(next, this.#processes), 'no moment in particular', stopped);
    }
  }

  /** Stops a process for some time. @param moment what the process has just done, for the report */
  async stop(process: ApiProcess, moment: string, stopped: () => boolean): Promise<void> {
    const [atLeast, atMost] = this.#next() < LONG_PART ? LONG_MS : SHORT_MS;
    const ms = between(this.#next, atLeast, atMost);
    const startMs = Date.now();
    process.pause(ms);
    try {
      await during(ms, stopped);
    } finally {
      process.resume();
    }
    const { endpoint } = process;
    const endMs = Date.now();
    this.troubles.push({ kind: 'trouble', stream: '', what: 'stop', endpoint, startMs, endMs });
    const seconds = (endMs - startMs) / 1_000;
    this.#count(moment);
    this.#count(seconds < 5 ? 'below 5 s' : seconds <= 15 ? '5 to 15 s' : 'above 15 s');
  }

  #count(name: string): void {
    this.stops.set(name, (this.stops.get(name) ?? 0) + 1);
  }
}
