import { AsyncLocalStorage } from 'node:async_hooks';
import type { CountEvent } from '../lib/deps.ts';
import { isObjectCall } from '../lib/store/body-store.ts';
import type { CapacityMeter } from '../lib/store/tables.ts';

/** The DynamoDB calls, capacity units and object calls of one request. */
export interface Usage {
  calls: number;
  readUnits: number;
  writeUnits: number;
  /** Calls for objects. Undefined: none. */
  objectCalls?: number;
  /** How often the request was slowed down or refused, by cause. */
  counts?: Partial<Record<Parameters<CountEvent>[0], number>>;
}

/**
 * Separates the cost of concurrent requests. If appends of several requests share a batch, the batch
 * counts for the first of them.
 */
export class UsageMeter {
  readonly #requests = new AsyncLocalStorage<Usage>();

  /** Adds a call of the store to the current request. */
  readonly meter: CapacityMeter = (command, { read, write }) => {
    const usage = this.#requests.getStore();
    if (usage !== undefined && isObjectCall(command)) {
      usage.objectCalls = (usage.objectCalls ?? 0) + 1;
    } else if (usage !== undefined) {
      usage.calls += 1;
      usage.readUnits += read;
      usage.writeUnits += write;
    }
  };

  /** Counts an event that slows the current request down. */
  readonly countEvent: CountEvent = (event) => {
    const usage = this.#requests.getStore();
    if (usage !== undefined) {
      usage.counts = { ...usage.counts, [event]: (usage.counts?.[event] ?? 0) + 1 };
    }
  };

  /** Runs a request and measures it. */
  run<T>(request: () => T): T {
    return this.#requests.run({ calls: 0, readUnits: 0, writeUnits: 0 }, request);
  }

  /** The cost of the current request so far. */
  get current(): Usage | undefined {
    return this.#requests.getStore();
  }
}
