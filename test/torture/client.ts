import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { between, random } from '../support/random.ts';
import { consumeStream, type Until, visitShards } from './consumer.ts';
import type { HistoryEvent } from './history.ts';
import { AnyApi } from './kinesis-call.ts';
import { type ClientTools, Producer, type StreamUnderTest } from './producer.ts';
import { recreateStreams } from './recreation.ts';
import { ShardSubscriber } from './subscriber.ts';

/** What a client process is told at its start. */
export interface ClientTask {
  readonly name: string;
  readonly seed: number;
  readonly endpoints: readonly string[];
  readonly stream: string;
  readonly historyFile: string;
}

const PRODUCERS = 5;
const CONSUMERS = 2;
const SUBSCRIBERS = 2;
const VISITORS = 3;

/** The orchestrator's word: producers stop; and then, when nothing goes wrong any more, consumers come to their end. */
export type ClientSignal = 'stop' | 'finish';

/** A client process of the torture test: producers and consumers, and the history of what they saw. */
async function main(task: ClientTask): Promise<void> {
  const signals = new Set<ClientSignal>();
  process.on('message', (signal: ClientSignal) => signals.add(signal));
  process.on('disconnect', () => process.exit(1));
  const stopped = () => signals.has('stop');
  const until: Until = { quiet: () => signals.has('finish'), abandoned: () => false };

  const file = openSync(task.historyFile, 'w');
  let recent: { shardId: string; sequenceNumber: string } | undefined;
  const stream: StreamUnderTest = { name: task.stream, label: task.stream };
  const note = (event: HistoryEvent) => {
    writeSync(file, `${JSON.stringify(event)}\n`);
    if (event.kind === 'put' && event.stream === stream.label && event.shardId && event.sequenceNumber) {
      recent = { shardId: event.shardId, sequenceNumber: event.sequenceNumber };
    }
  };
  const tools = (part: number): ClientTools => {
    const next = random(task.seed * 1_000 + part);
    return { api: new AnyApi(task.endpoints, next), next, note };
  };
  const named = (what: string, part: number) => `${task.name}.${what}${part}`;

  const producers = Array.from({ length: PRODUCERS }, (_, i) =>
    new Producer(named('producer', i), stream, tools(i)).run(stopped),
  );
  const consumers = Array.from({ length: CONSUMERS }, (_, i) =>
    consumeStream(named('consumer', i), stream, tools(100 + i), until),
  );
  const subscribers = Array.from({ length: SUBSCRIBERS }, (_, i) =>
    consumeStream(named('subscriber', i), stream, tools(150 + i), until, ShardSubscriber),
  );
  const visitors = Array.from({ length: VISITORS }, (_, i) =>
    visitShards(named('visitor', i), stream, tools(200 + i), stopped, () => recent),
  );
  const late = lateConsumer(named('late', 0), stream, tools(300), until);
  await Promise.all([...producers, ...visitors, recreateStreams(task.name, tools(400), stopped)]);
  process.send?.('stopped');
  await Promise.all([...consumers, ...subscribers, late]);
  closeSync(file);
  process.send?.('finished');
}

/** A consumer of everything that begins when much has happened. */
async function lateConsumer(reader: string, stream: StreamUnderTest, tools: ClientTools, until: Until): Promise<void> {
  const waitMs = between(tools.next, 5_000, 60_000);
  for (const startMs = Date.now(); !until.quiet() && Date.now() - startMs < waitMs; ) {
    await sleep(100);
  }
  await consumeStream(reader, stream, tools, until);
}

await main(JSON.parse(process.argv[2] as string));
process.disconnect?.();
