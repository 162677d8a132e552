/**
 * A signal that aborts when the user ends the command (Ctrl-C, or SIGTERM). The command then ends in order. A second time ends it
 * at once.
 */
export function untilInterrupted(): AbortSignal {
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ended.signal.aborted) {
        process.exit(130);
      }
      ended.abort();
    });
  }
  return ended.signal;
}
