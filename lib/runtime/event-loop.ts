/** How long work may keep the event loop from everything else, ms. */
const MAX_TURN_MS = 10;

let begunMs: number | undefined;

/**
 * Lets others have their turn of the event loop: whoever does one thing after the other without waiting for anything would keep
 * sockets and timers waiting. All of a process share its turns.
 * @returns a promise of the next turn, where this one has been long enough
 */
export function yieldToEventLoop(): Promise<void> | undefined {
  const nowMs = performance.now();
  if (begunMs === undefined) {
    begunMs = nowMs;
    setImmediate(() => {
      begunMs = undefined;
    });
    return undefined;
  }
  return nowMs - begunMs < MAX_TURN_MS ? undefined : new Promise((resolve) => setImmediate(resolve));
}
