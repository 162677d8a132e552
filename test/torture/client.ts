import { closeSync, openSync, writeSync } from 'node:fs';
import { between, pick, type Random, random } from '../support/random.ts';
import { consumeStream, listedFrom, type Until } from './consumer.ts';
import { during } from './during.ts';
import type { HistoryEvent } from './history.ts';
import { AnyApi, type CallOptions } from './kinesis-call.ts';
import { type ClientTools, Producer, type StreamUnderTest } from './producer.ts';
import { recreateStreams } from './recreation.ts';
import { maxTransitionMs, type RoundTerms, stuckAfterMs } from './round-terms.ts';
import { StuckReaders, stuckInWords } from './stuck-readers.ts';
import { ShardSubscriber } from './subscriber.ts';
import { pastTime, visitShards } from './visitor.ts';
import { CBOR_ENCODING, JSON_ENCODING, type WireEncoding } from './wire-encoding.ts';

/** What a client process receives at its start. */
export interface ClientTask {
  readonly name: string;
  readonly seed: number;
  readonly endpoints: readonly string[];
  readonly stream: string;
  readonly historyFile: string;
  readonly terms: RoundTerms;
}

const PRODUCERS = 5;
const CONSUMERS = 2;
const SUBSCRIBERS = 2;
const VISITORS = 3;
const FOLLOWERS = 2;
const FOLLOWER_PAUSE_MS = 500;

/** The timeout of large puts: the largest put that is allowed takes some time. */
const LARGE_TIMEOUT_MS = 40_000;

/**
 * What the round signals: `stop` ends the producers. `finish` comes later, when nothing goes wrong any more: consumers
 * read to the end.
 */
export type ClientSignal = 'stop' | 'finish';

/** What a client process reports: that it has stopped or finished, or that a reader is stuck. */
export type ClientWord = 'stopped' | 'finished' | { readonly stuck: string };

const WATCH_EVERY_MS = 2_000;

/** A client process of the torture test: it runs producers and consumers, and writes the history of what they saw. */
async function main(task: ClientTask): Promise<void> {
  const signals = new Set<ClientSignal>();
  process.on('message', (signal: ClientSignal) => signals.add(signal));
  process.on('disconnect', () => process.exit(1));
  const stopped = () => signals.has('stop');
  const until: Until = { quiet: () => signals.has('finish'), abandoned: () => false };

  const file = openSync(task.historyFile, 'w');
  let recent: { shardId: string; sequenceNumber: string } | undefined;
  const stream: StreamUnderTest = {
    name: task.stream,
    label: task.stream,
    takesLargeRecords: task.terms.largeRecords,
  };
  const readers = new StuckReaders(stuckAfterMs(task.terms));
  const note = (event: HistoryEvent) => {
    writeSync(file, `${JSON.stringify(event)}\n`);
    if (event.stream !== stream.label) {
      return;
    }
    readers.note(event);
    if (event.kind === 'put' && event.shardId && event.sequenceNumber) {
      recent = { shardId: event.shardId, sequenceNumber: event.sequenceNumber };
    }
  };
  const watch = setInterval(() => {
    const stuck = readers.find(Date.now());
    if (stuck !== undefined) {
      say({ stuck: stuckInWords(stuck) });
    }
  }, WATCH_EVERY_MS);
  const counts: Record<WireEncoding['name'], number> = { JSON: 0, CBOR: 0 };
  const tools = (part: number, options: CallOptions = {}): ClientTools => {
    const next = random(task.seed * 1_000 + part);
    const encoding = part % 3 === 1 ? CBOR_ENCODING : JSON_ENCODING;
    const called = () => {
      counts[encoding.name] += 1;
    };
    return { api: new AnyApi(task.endpoints, next, { ...options, encoding, called, refused: note }), next, note };
  };
  const named = (what: string, part: number) => `${task.name}.${what}${part}`;

  const producers = Array.from({ length: PRODUCERS }, (_, i) =>
    new Producer(named('producer', i), stream, tools(i)).run(stopped),
  );
  const large = new Producer(named('large', 0), stream, tools(50, { timeoutMs: LARGE_TIMEOUT_MS })).runLarge(stopped);
  const consumers = Array.from({ length: CONSUMERS }, (_, i) =>
    consumeStream(named('consumer', i), stream, tools(100 + i), until),
  );
  const subscribers = Array.from({ length: SUBSCRIBERS }, (_, i) =>
    consumeStream(named('subscriber', i), stream, tools(150 + i), until, { Reader: ShardSubscriber }),
  );
  const visitors = Array.from({ length: VISITORS }, (_, i) =>
    visitShards(named('visitor', i), stream, tools(200 + i), stopped, () => recent, task.terms),
  );
  const late = lateConsumer(named('late', 0), stream, tools(300), until);
  const followers = Array.from({ length: FOLLOWERS }, (_, i) =>
    follower(named('follower', i), stream, tools(350 + i), until, task.terms),
  );
  await Promise.all([
    ...producers,
    large,
    ...visitors,
    recreateStreams(task.name, tools(400), stopped, maxTransitionMs(task.terms)),
  ]);
  say('stopped');
  await Promise.all([...consumers, ...subscribers, late, ...followers]);
  clearInterval(watch);
  note({ kind: 'calls', stream: '', counts });
  closeSync(file);
  say('finished');
}

const say = (word: ClientWord) => process.send?.(word);

/** A consumer that begins when much has happened, and reads everything. */
async function lateConsumer(reader: string, stream: StreamUnderTest, tools: ClientTools, until: Until): Promise<void> {
  await atSomeTime(tools.next, until);
  await consumeStream(reader, stream, tools, until);
}

/** A consumer that also begins late, but reads only what has arrived since some time. */
async function follower(
  reader: string,
  stream: StreamUnderTest,
  tools: ClientTools,
  until: Until,
  terms: RoundTerms,
): Promise<void> {
  await atSomeTime(tools.next, until);
  const filter = pick(tools.next, ['FROM_TIMESTAMP', 'AT_TIMESTAMP'] as const);
  do {
    const from = { filter, timestampMs: pastTime(tools.next, terms) };
    if ((await listedFrom(stream, tools, from)).length > 0) {
      return consumeStream(reader, stream, tools, until, { from });
    }
    // Before the stream existed, there was no shard.
  } while (await during(FOLLOWER_PAUSE_MS, until.quiet));
}

async function atSomeTime(next: Random, until: Until): Promise<void> {
  await during(between(next, 5_000, 60_000), until.quiet);
}

await main(JSON.parse(process.argv[2] as string));
process.disconnect?.();
