import { setTimeout as sleep } from 'node:timers/promises';
import { isThrottle, mayHaveBeenApplied, StoreThrottled } from './store-errors.ts';
import { interceptCalls, type TableClient } from './table-client.ts';

const MAX_ATTEMPTS = 3;

/** The longest pause after the first attempt. It doubles after each further attempt. The AWS SDK uses these values. */
const PAUSE_MS = 100;
const THROTTLED_PAUSE_MS = 500;

/**
 * Repeats a call if that may succeed. If every attempt was throttled, the call was certainly not applied, and this throws
 * StoreThrottled. In every other case it throws the error of the last attempt unchanged, because an attempt may have been
 * applied.
 * @param service its name, for the message
 */
export async function retried<T>(service: string, call: () => Promise<T>): Promise<T> {
  let isUnclear = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      isUnclear ||= !isThrottle(error);
      if (attempt === MAX_ATTEMPTS || !mayHaveBeenApplied(error)) {
        throw isUnclear ? error : new StoreThrottled(`${service} refused a call for its load`, { cause: error });
      }
      await sleep(pauseMs(error, attempt));
    }
  }
}

/** A client that retries calls if a retry may succeed. */
export const retrying = (client: TableClient): TableClient =>
  interceptCalls(client, (_name, input, call) => retried('DynamoDB', () => call(input)));

const pauseMs = (error: unknown, attempt: number): number =>
  Math.random() * (isThrottle(error) ? THROTTLED_PAUSE_MS : PAUSE_MS) * 2 ** (attempt - 1);
