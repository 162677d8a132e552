import { setTimeout as sleep } from 'node:timers/promises';
import { between } from '../support/random.ts';
import { consumeStream } from './consumer.ts';
import { during } from './during.ts';
import { MAX_STALENESS_MS } from './fault-schedule.ts';
import { type ClientTools, Producer, type StreamUnderTest } from './producer.ts';

const PRODUCERS = 2;
const RETRY_MS = 100;

/**
 * Creates a stream, puts and reads, deletes it, creates it again under the same name, and so on. Half of the time, the
 * stream is deleted during puts. Otherwise, it is deleted when everything has been read. Records of one incarnation
 * must not appear in another. A call without a response in time may still be carried out, by a stopped process. It
 * must not meet another incarnation, so the next one then has another name.
 * @param maxTransitionMs the longest time that a stream may be in a transition, ms
 */
export async function recreateStreams(
  client: string,
  tools: ClientTools,
  stopped: () => boolean,
  maxTransitionMs: number,
): Promise<void> {
  for (let incarnation = 1; !stopped(); incarnation++) {
    const name = `${client}.phoenix${tools.api.unanswered}`;
    const stream = { name, label: `${name}#${incarnation}` };
    const inState = (state: 'ACTIVE' | 'none', change: () => Promise<unknown>) =>
      changed(stream, state, tools, maxTransitionMs, change);
    await inState('ACTIVE', () =>
      tools.api.call('CreateStream', { StreamName: name, ShardCount: between(tools.next, 1, 3) }),
    );
    await live(stream, tools, stopped);
    await inState('none', () => tools.api.call('DeleteStream', { StreamName: name }));
  }
}

/** The life of one incarnation. */
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
  await during(between(next, 2_000, 8_000), stopped);
  if (next() < 0.5) {
    phase.draining = true;
    await producers;
    // A stale read may still take an older position for the tip.
    await sleep(MAX_STALENESS_MS);
    phase.quiet = true;
    await consumer;
  } else {
    await api.call('DeleteStream', { StreamName: stream.name });
    await during(between(next, 0, 1_000), stopped);
    phase.draining = true;
    phase.abandoned = true;
    await producers;
    await consumer;
  }
}

/** Requests a change until the stream is in a state, and notes when that takes longer than allowed. */
async function changed(
  stream: StreamUnderTest,
  state: 'ACTIVE' | 'none',
  { api, note }: ClientTools,
  maxTransitionMs: number,
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
    if (sinceMs !== undefined && Date.now() - sinceMs > maxTransitionMs) {
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
