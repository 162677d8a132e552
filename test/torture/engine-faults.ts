import { setTimeout as sleep } from 'node:timers/promises';
import { interceptCalls, type TableClient } from '../../lib/store/table-client.ts';
import type { Fault, FaultSchedule } from './fault-schedule.ts';
import type { CallTrouble, Trap } from './faults.ts';
import { MOMENTS, type PassingCall } from './moments.ts';

/** Orders to the faults of a process. */
export interface FaultOrders {
  readonly active: boolean;
  readonly trap: Pick<Trap, 'moment' | 'when' | 'kills'> | undefined;
}

/** What they report. */
export type FaultNote =
  | { readonly note: 'calls'; readonly calls: number }
  | { readonly note: 'injected'; readonly trouble: CallTrouble }
  /** A call has reached the trap: the process is about to die, or to be stopped. */
  | { readonly note: 'trapped' };

/** How many calls one note reports. */
const CALLS_A_NOTE = 200;

/**
 * A network client gives a call up after this time, ms, and sends it again. The first attempt may still be applied.
 */
const GIVEN_UP_MS = 1_500;

/**
 * Injects faults into the calls to the engine of this same process, right before and after the engine applies them.
 */
export class EngineFaults {
  orders: FaultOrders = { active: true, trap: undefined };
  readonly #schedule: FaultSchedule;
  readonly #tell: (note: FaultNote) => void;
  #calls = 0;

  constructor(schedule: FaultSchedule, tell: (note: FaultNote) => void) {
    this.#schedule = schedule;
    this.#tell = tell;
  }

  readonly through = (engine: TableClient): TableClient =>
    interceptCalls(engine, async (action, input, call) => {
      this.#calls += 1;
      if (this.#calls % CALLS_A_NOTE === 0) {
        this.#tell({ note: 'calls', calls: CALLS_A_NOTE });
      }
      const trapped = this.#trapped({ action, input });
      trapped?.before();
      // An engine in the same process has no replicas that are behind, so no stale reads.
      const fault = this.orders.active ? this.#schedule.draw(false) : undefined;
      const startMs = Date.now();
      try {
        return await applied(fault, async () => {
          const output = await call(input);
          trapped?.after();
          return output;
        });
      } finally {
        if (fault !== undefined) {
          this.#tell({ note: 'injected', trouble: { kind: fault.kind, startMs, endMs: Date.now() } });
        }
      }
    });

  /**
   * What happens to the process right before a call, and right after the call was applied. Undefined if the call is
   * not trapped.
   */
  #trapped(call: PassingCall) {
    const { trap } = this.orders;
    if (trap === undefined || MOMENTS[trap.moment]?.(call) !== true) {
      return undefined;
    }
    this.orders = { ...this.orders, trap: undefined };
    const spring = () => {
      this.#tell({ note: 'trapped' });
      process.kill(process.pid, trap.kills ? 'SIGKILL' : 'SIGSTOP');
    };
    const nothing = () => {};
    return trap.when === 'before' ? { before: spring, after: nothing } : { before: nothing, after: spring };
  }
}

/** Applies a call as its fault says. */
async function applied<T>(fault: Fault | undefined, call: () => Promise<T>): Promise<T> {
  switch (fault?.kind) {
    case 'slow-request':
      await sleep(fault.delayMs);
      return call();
    case 'slow-answer': {
      const output = await call();
      await sleep(fault.delayMs);
      return output;
    }
    case 'late':
      setTimeout(() => call().catch(() => {}), fault.delayMs);
      await sleep(GIVEN_UP_MS);
      throw failure({ name: 'TimeoutError' });
    case 'request-lost':
      throw failure({ code: 'ECONNRESET' });
    case 'answer-lost':
      await call();
      throw failure({ code: 'ECONNRESET' });
    case 'throttled':
      throw failure({ name: fault.error, $fault: 'client' });
    case 'failed':
      throw failure({ name: 'InternalServerError', $fault: 'server' });
    case 'failed-after':
      await call();
      throw failure({ name: 'InternalServerError', $fault: 'server' });
    default:
      return call();
  }
}

const failure = (what: object): Error => Object.assign(new Error('injected'), what);
