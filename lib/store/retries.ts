import { setTimeout as sleep } from 'node:timers/promises';
import { isSlowDown, isThrottle, mayHaveBeenApplied, StoreThrottled } from './store-errors.ts';
import { interceptCalls, type TableClient } from './table-client.ts';

const MAX_ATTEMPTS = 3;

/** The longest pause after the first attempt. It doubles after each further attempt. The AWS SDK uses these values. */
const PAUSE_MS = 100;
const THROTTLED_PAUSE_MS = 500;

/** By which errors each service says that it refused an attempt for its load, and did nothing. */
const REFUSALS = { DynamoDB: isThrottle, S3: isSlowDown } as const;

/**
 * Repeats a call if that may succeed. If every attempt was throttled, the call was certainly not applied, and this throws
 * StoreThrottled. In every other case it throws the error of the last attempt unchanged, because an attempt may have been
 * applied.
 */
export async function retried<T>(service: keyof typeof REFUSALS, call: () => Promise<T>): Promise<T> {
  const isRefusal = REFUSALS[service];
  let isUnclear = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      isUnclear ||= !isRefusal(error);
      if (attempt === MAX_ATTEMPTS || !mayHaveBeenApplied(error)) {
        throw isUnclear ? error : new StoreThrottled(`${service} refused a call for its load`, { cause: error });
      }
      await sleep(pauseMs(isRefusal(error), attempt));
    }
  }
}

/** A client that retries calls if a retry may succeed. */
export const retrying = (client: TableClient): TableClient =>
  interceptCalls(client, (_name, input, call) => retried('DynamoDB', () => call(input)));

const pauseMs = (isRefused: boolean, attempt: number): number =>
  Math.random() * (isRefused ? THROTTLED_PAUSE_MS : PAUSE_MS) * 2 ** (attempt - 1);
