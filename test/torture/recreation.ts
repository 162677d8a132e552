import { setTimeout as sleep } from 'node:timers/promises';
import { between } from '../support/random.ts';
import { consumeStream } from './consumer.ts';
import { MAX_STALENESS_MS } from './fault-schedule.ts';
import { type ClientTools, Producer, type StreamUnderTest } from './producer.ts';

const PRODUCERS = 2;
const RETRY_MS = 100;

/** No stream may be in a state of transition for longer; it is said in the README. */
export const MAX_TRANSITION_MS = 60_000;

/**
 * Creates a stream, puts and reads, deletes it, creates it again under its name, and so on: half of the time it is deleted
 * in the midst of puts, else when everything has been read. What one incarnation was given, no other may show.
 */
export async function recreateStreams(client: string, tools: ClientTools, stopped: () => boolean): Promise<void> {
  const name = `${client}.phoenix`;
  for (let incarnation = 1; !stopped(); incarnation++) {
    const stream = { name, label: `${name}#${incarnation}` };
    await inState(stream, 'ACTIVE', tools, () =>
      tools.api.call('CreateStream', { StreamName: name, ShardCount: between(tools.next, 1, 3) }),
    );
    await live(stream, tools, stopped);
    await inState(stream, 'none', tools, () => tools.api.call('DeleteStream', { StreamName: name }));
  }
}

/** One incarnation's life. */
async function live(stream: StreamUnderTest, tools: ClientTools, stopped: () => boolean): Promise<void> {
  const { api, next } = tools;
  const phase = { draining: false, quiet: false, abandoned: false };
  const producers = Promise.all(
    Array.from({ length: PRODUCERS }, (_, i) =>
      new Producer(`producer${i}`, stream, tools).run(() => phase.draining || stopped()),
    ),
  );
  const until = { quiet: () => phase.quiet, abandoned: () => phase.abandoned };
  const consumer = consumeStream('consumer', stream, tools, until);
  await pause(between(next, 2_000, 8_000), stopped);
  if (next() < 0.5) {
    phase.draining = true;
    await producers;
    // A stale read may still take an older end for the tip.
    await sleep(MAX_STALENESS_MS);
    phase.quiet = true;
    await consumer;
  } else {
    await api.call('DeleteStream', { StreamName: stream.name });
    await pause(between(next, 0, 1_000), stopped);
    phase.draining = true;
    phase.abandoned = true;
    await producers;
    await consumer;
  }
}

async function pause(ms: number, stopped: () => boolean): Promise<void> {
  for (const endMs = Date.now() + ms; Date.now() < endMs && !stopped(); ) {
    await sleep(50);
  }
}

/** Asks for a change until the stream is in a state, and notes when it takes longer than it may. */
async function inState(
  stream: StreamUnderTest,
  state: 'ACTIVE' | 'none',
  { api, note }: ClientTools,
  change: () => Promise<unknown>,
): Promise<void> {
  let sinceMs: number | undefined;
  await change();
  for (;;) {
    const result = await api.call('DescribeStreamSummary', { StreamName: stream.name });
    const status = result.kind === 'answered' ? statusOf(result) : undefined;
    if (status === state) {
      return;
    }
    if (status === 'none' || status === 'ACTIVE') {
      await change();
    } else if (status !== undefined) {
      sinceMs ??= Date.now();
    }
    if (sinceMs !== undefined && Date.now() - sinceMs > MAX_TRANSITION_MS) {
      note({ kind: 'wrong', stream: stream.label, what: `${stream.label} was ${status} for more than a minute` });
      sinceMs = Date.now();
    }
    await sleep(RETRY_MS);
  }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
function statusOf({ status, body }: { readonly status: number; readonly body: any }): string | undefined {
  if (status === 200) {
    return body.StreamDescriptionSummary.StreamStatus;
  }
  return body?.__type === 'ResourceNotFoundException' ? 'none' : undefined;
}
