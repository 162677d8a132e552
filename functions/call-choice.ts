import type { Observation } from '../lib/configuration.ts';
import { type CompletedCall, failedRecordCount, isThrottled } from './observation.ts';

/** A call that takes longer is remarkable, ms. Kinesis' own calls take about ten. */
const SLOW_MS = 2_000;

/**
 * The lines that a process writes in a second about calls that failed or were slow. Clients can make calls fail at will, and
 * lines cost money. Those beyond are counted in the next line. Unexpected errors are logged apart from this, each of them.
 */
const REMARKABLE_LINES_PER_SECOND = 2;

/** Whether a call failed, as a whole or for some records, or was slow. */
const isRemarkable = (call: CompletedCall): boolean =>
  call.fault !== undefined || failedRecordCount(call) > 0 || isSlow(call);

const isSlow = ({ latencyMs }: CompletedCall): boolean => latencyMs >= SLOW_MS;

/** Calls that were remarkable, of any kind and of two. */
export interface Counts {
  readonly remarkable: number;
  readonly throttled: number;
  readonly slow: number;
}

const NOTHING: Counts = { remarkable: 0, throttled: 0, slow: 0 };

/** Chooses the calls that get a log line, as the owner has chosen. */
export class CallChoice {
  readonly #observation: Observation;
  readonly #monotonicMs: () => number;
  #calls = 0;
  #second = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #untold = NOTHING;

  /** @param monotonicMs a clock that is never set back, ms */
  constructor(observation: Observation, monotonicMs: () => number = () => performance.now()) {
    this.#observation = observation;
    this.#monotonicMs = monotonicMs;
  }

  /**
   * @returns the counts since the last line, for the line and for metrics: `untold` without this call, and `all` with it; undefined if
   * the call gets no line
   */
  choose(call: CompletedCall): { readonly untold: number; readonly all: Counts } | undefined {
    this.#calls += 1;
    const before = this.#untold;
    const all = isRemarkable(call) ? withCall(before, call) : before;
    const isTold = this.#isTold(call);
    this.#untold = isTold ? NOTHING : all;
    return isTold ? { untold: before.remarkable, all } : undefined;
  }

  #isTold(call: CompletedCall): boolean {
    const { of } = this.#observation;
    if (of === 'all' || (of === 'sampled' && this.#calls % this.#observation.oneIn === 0)) {
      return true;
    }
    if (!isRemarkable(call)) {
      return false;
    }
    const second = Math.floor(this.#monotonicMs() / 1_000);
    this.#lines = second === this.#second ? this.#lines + 1 : 1;
    this.#second = second;
    return this.#lines <= REMARKABLE_LINES_PER_SECOND;
  }
}

const withCall = ({ remarkable, throttled, slow }: Counts, call: CompletedCall): Counts => ({
  remarkable: remarkable + 1,
  throttled: throttled + (isThrottled(call) ? 1 : 0),
  slow: slow + (isSlow(call) ? 1 : 0),
});
