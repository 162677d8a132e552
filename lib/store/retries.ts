import { setTimeout as sleep } from 'node:timers/promises';
import { isThrottle, mayHaveBeenApplied, StoreThrottled } from './store-errors.ts';
import { interceptCalls, type TableClient } from './table-client.ts';

const MAX_ATTEMPTS = 3;

/** The longest pause after a first attempt; twice as long after each further one. Those of AWS' own clients. */
const PAUSE_MS = 100;
const THROTTLED_PAUSE_MS = 500;

/**
 * A client that sends a call again when it may succeed then. Calls that were certainly not applied end in StoreThrottled; where an
 * attempt before the last one ended in anything else but a refusal, that attempt may have been applied, and the client's own error
 * tells so.
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
