import { setTimeout as sleep } from 'node:timers/promises';

/** The time between two checks, ms. */
const LOOK_EVERY_MS = 10;

/**
 * Waits until a condition holds. There is no limit, because a machine may be busy. If it never holds, the test's own
 * timeout ends the wait.
 */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await sleep(LOOK_EVERY_MS);
  }
}
