import { setTimeout as sleep } from 'node:timers/promises';

/** How often it is looked, ms. */
const LOOK_EVERY_MS = 10;

/** Waits until something holds, however long a busy machine takes for it: what never comes ends with the test's own time. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    await sleep(LOOK_EVERY_MS);
  }
}
