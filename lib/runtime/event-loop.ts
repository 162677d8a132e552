/** How long work may occupy the event loop, ms. */
const MAX_TURN_MS = 10;

let begunMs: number | undefined;

/**
 * Yields to the event loop when the current turn has been long enough. Long work without any waiting would block
 * sockets and timers. All work of the process shares the turn.
 * @returns a promise of the next turn; undefined if work may continue at once
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
