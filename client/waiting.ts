import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.ts';

/** How often a state is looked at, ms. */
const LOOK_MS = 250;

/** The longest that a command waits for a state. Kinesis takes minutes for a reshard of many shards. */
const MAX_WAIT_MS = 30 * 60_000;

/**
 * Looks again and again until there is a result.
 * @param what what is waited for, for the sentence of the failure
 * @param look returns undefined as long as there is nothing
 * @throws Failure after half an hour, or what `look` throws
 */
export async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let waitedMs = 0; waitedMs < MAX_WAIT_MS; waitedMs += LOOK_MS) {
    const found = await look();
    if (found !== undefined) {
      return found;
    }
    await sleep(LOOK_MS);
  }
  throw new Failure(`${what} took longer than half an hour: it may go on without this command`);
}
