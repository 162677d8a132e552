import type { Writable } from 'node:stream';

/** Resolves when a stream that was full takes more, or takes nothing any more. */
export const drained = (target: Writable): Promise<void> =>
  new Promise((resolve) => {
    if (target.destroyed) {
      // Its end has been told already, or is about to be.
      resolve();
      return;
    }
    const events = ['drain', 'close', 'error'];
    const done = () => {
      for (const event of events) {
        target.off(event, done);
      }
      resolve();
    };
    for (const event of events) {
      target.on(event, done);
    }
  });
