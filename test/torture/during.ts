import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** Lets some time pass, or less if it is stopped before. @returns whether it is not stopped yet */
export async function during(ms: number, stopped: () => boolean): Promise<boolean> {
  for (const endMs = Date.now() + ms; Date.now() < endMs && !stopped(); ) {
    await sleep(POLL_MS);
  }
  return !stopped();
}
