import { setTimeout as sleep } from 'node:timers/promises';
import { isThrottle, mayHaveBeenApplied, StoreThrottled } from './store-errors.ts';
import { interceptCalls, type TableClient } from './table-client.ts';

const MAX_ATTEMPTS = 3;

/** The longest pause after the first attempt. It doubles after each further attempt. The AWS SDK uses these values. */
const PAUSE_MS = 100;
const THROTTLED_PAUSE_MS = 500;

/**
 * A client that retries calls if a retry may succeed. If DynamoDB throttled every attempt, the call was certainly not
 * applied, and throws StoreThrottled. In every other case the call throws the error of the last attempt unchanged,
 * because an attempt may have been applied.
 */
export const retrying = (client: TableClient): TableClient =>
  interceptCalls(client, async (_name, input, call) => {
    let isUnclear = false;
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(input);
      } catch (error) {
        isUnclear ||= !isThrottle(error);
        if (attempt === MAX_ATTEMPTS || !mayHaveBeenApplied(error)) {
          throw isUnclear ? error : new StoreThrottled('DynamoDB refused a call for its load', { cause: error });
        }
        await sleep(pauseMs(error, attempt));
      }
    }
  });

const pauseMs = (error: unknown, attempt: number): number =>
  Math.random() * (isThrottle(error) ? THROTTLED_PAUSE_MS : PAUSE_MS) * 2 ** (attempt - 1);
