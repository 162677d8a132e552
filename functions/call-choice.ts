import type { Observation } from '../lib/configuration.ts';
import { type CompletedCall, failedRecordCount } from './observation.ts';

/** A call that takes longer is remarkable, ms. Kinesis' own calls take about ten. */
export const SLOW_MS = 2_000;

/**
 * The lines that a process writes in a second about calls that failed or were slow. Clients can make calls fail at will, and
 * lines cost money. Those beyond are counted in the next line. Unexpected errors are logged apart from this, each of them.
 */
const REMARKABLE_LINES_PER_SECOND = 2;

/** Whether a call failed, as a whole or for some records, or was slow. */
export const isRemarkable = (call: CompletedCall): boolean =>
  call.fault !== undefined || failedRecordCount(call) > 0 || isSlow(call);

export const isSlow = ({ latencyMs }: CompletedCall): boolean => latencyMs >= SLOW_MS;

/** Chooses the calls that get a log line, as the owner has chosen. */
export class CallChoice {
  readonly #observation: Observation;
  readonly #monotonicMs: () => number;
  #calls = 0;
  #second = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #untold = 0;

  /** @param monotonicMs a clock that is never set back, ms */
  constructor(observation: Observation, monotonicMs: () => number = () => performance.now()) {
    this.#observation = observation;
    this.#monotonicMs = monotonicMs;
  }

  /** @returns how many remarkable calls before this one got no line; undefined if this one gets none either */
  choose(call: CompletedCall): { readonly untold: number } | undefined {
    this.#calls += 1;
    const { of } = this.#observation;
    if (of === 'all' || (of === 'sampled' && this.#calls % this.#observation.oneIn === 0)) {
      return this.#told();
    }
    if (!isRemarkable(call)) {
      return undefined;
    }
    const second = Math.floor(this.#monotonicMs() / 1_000);
    this.#lines = second === this.#second ? this.#lines + 1 : 1;
    this.#second = second;
    if (this.#lines <= REMARKABLE_LINES_PER_SECOND) {
      return this.#told();
    }
    this.#untold += 1;
    return undefined;
  }

  #told() {
    const untold = this.#untold;
    this.#untold = 0;
    return { untold };
  }
}
