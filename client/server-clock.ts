import type { KinesisClient } from '@aws-sdk/client-kinesis';

/** What time it is at an endpoint, as its responses tell: the clock of this machine may be another. */
export interface ServerClock {
  /**
   * Epoch ms, whole seconds: no response so far was made a second later than this, or more. Undefined: none has told the time.
   */
  readonly toldMs: number | undefined;
}

/** Reads the time of every response that a client gets. */
export function clockOf(client: KinesisClient): ServerClock {
  const clock: { toldMs: number | undefined } = { toldMs: undefined };
  client.middlewareStack.add(
    (next) => async (call) => {
      const result = await next(call);
      const { headers = {} } = (result.response ?? {}) as { readonly headers?: Readonly<Record<string, string>> };
      const told = Date.parse(headers.date ?? '');
      if (!Number.isNaN(told)) {
        clock.toldMs = Math.max(told, clock.toldMs ?? 0);
      }
      return result;
    },
    { step: 'deserialize', name: 'readTheClock' },
  );
  return clock;
}
