import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfiguration } from '../../lib/configuration.ts';
import { openTables } from '../../lib/store/tables.ts';
import { between, random } from '../support/random.ts';
import { check, type Verdict } from './checker.ts';
import type { ClientSignal, ClientTask } from './client.ts';
import { FaultProxy, type WrittenTimes } from './fault-proxy.ts';
import { FaultSchedule } from './fault-schedule.ts';
import type { HistoryEvent } from './history.ts';
import { Killer, type Victim } from './killer.ts';
import { AnyApi } from './kinesis-call.ts';
import { Operator } from './operator.ts';
import { ApiProcess, EngineProcess } from './processes.ts';
import { leftovers } from './stored-state.ts';

/** What one round did and found. */
export interface RoundReport {
  readonly seed: number;
  readonly seconds: number;
  readonly verdict: Verdict;
  readonly dynamoDbCalls: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly kills: ReadonlyMap<string, number>;
  readonly changes: ReadonlyMap<string, number>;
  readonly longestTransitionMs: number;
  /** Where histories, logs and data lie. */
  readonly folder: string;
}

const API_PROCESSES = 4;
const CLIENT_PROCESSES = 2;
const STREAM = 'torture';
const SHARDS = 3;

/** Clocks of the API processes differ by as much, ms. */
const MAX_CLOCK_AHEAD_MS = 400;

/** Calls that were held back arrive within this time, once no more are: what is unclear has become clear. */
const SETTLE_MS = 15_000;

/** What is written under faults is finished within this time, once there are none. */
const CLEAN_WITHIN_MS = 60_000;

/** A consumer that has not come to its end after so long never will: something it has to read is out of its reach. */
const MAX_PHASE_MS = 180_000;

/** Changes without end, and subscriptions that have to be taken up again and again. */
const LIMITS = { updateShardCountPerDay: 1_000_000, subscriptionMs: 15_000, subscriptionGraceMs: 300 };

const ENVIRONMENT = {
  ACCOUNT_ID: '000000000000',
  AWS_REGION: 'us-east-1',
  STREAMS_TABLE: 'rivulet-streams',
  RECORDS_TABLE: 'rivulet-records',
};

/** Tortures a fresh Rivulet of several processes for some time, then checks everything that was promised. */
export async function tortureRound(seed: number, seconds: number): Promise<RoundReport> {
  const folder = await mkdtemp(path.join(tmpdir(), `rivulet-torture-${seed}-`));
  const next = random(seed);
  const engine = await EngineProcess.start(folder);
  const victims = await startVictims(engine, next, folder);
  const endpoints = victims.map(({ process }) => process.endpoint);
  const api = new AnyApi(endpoints, random(seed + 1_000_000));
  const operator = new Operator(STREAM, api, random(seed + 2_000_000));
  const killer = new Killer(victims, engine, random(seed + 3_000_000));
  const clients: ChildProcess[] = [];
  try {
    await createStream(api, operator);
    const tasks = Array.from({ length: CLIENT_PROCESSES }, (_, i): ClientTask => {
      const name = `client${i}`;
      const historyFile = path.join(folder, `${name}.jsonl`);
      return { name, seed: seed * 10 + i, endpoints, stream: STREAM, historyFile };
    });
    clients.push(...tasks.map(startClient));
    let stopped = false;
    const disturbances = [operator.run(() => stopped), killer.run(() => stopped)];
    await sleep(seconds * 1_000);
    stopped = true;
    await Promise.all(disturbances);
    const told = clients.map((client) => said(client, 'stopped'));
    signal(clients, 'stop');
    for (const { proxy } of victims) {
      proxy.active = false;
    }
    await inTime('the clients stop', Promise.all([...told, operator.settled(), sleep(SETTLE_MS)]), folder);
    const finished = clients.map((client) => said(client, 'finished'));
    signal(clients, 'finish');
    await inTime('the consumers read everything', Promise.all(finished), folder);
    await operator.checkShards();
    const left = await cleanState(engine);
    const history = await readHistory(tasks.map(({ historyFile }) => historyFile));
    const wrong = [...operator.wrong, ...left].map((what) => ({ kind: 'wrong' as const, stream: STREAM, what }));
    return {
      seed,
      seconds,
      verdict: check([...history, ...wrong]),
      dynamoDbCalls: victims.reduce((sum, { proxy }) => sum + proxy.calls, 0),
      faults: added(victims.map(({ proxy }) => proxy.injected)),
      kills: killer.kills,
      changes: operator.changes,
      longestTransitionMs: operator.longestTransitionMs,
      folder,
    };
  } finally {
    for (const client of clients) {
      client.kill('SIGKILL');
    }
    for (const { process, proxy } of victims) {
      process.kill();
      await proxy.close();
    }
    engine.kill();
  }
}

async function startVictims(
  engine: EngineProcess,
  next: () => number,
  folder: string,
): Promise<(Victim & { readonly process: ApiProcess })[]> {
  const written: WrittenTimes = new Map();
  const victims: (Victim & { readonly process: ApiProcess })[] = [];
  for (let i = 0; i < API_PROCESSES; i++) {
    const schedule = new FaultSchedule(random(between(next, 0, 2 ** 31)));
    const proxy = await FaultProxy.start(
      (mayBeStale) => schedule.draw(mayBeStale),
      () => engine.url,
      written,
    );
    const environment = {
      // One of them reserves every position: what guesses and what is reserved have to agree.
      GUESSING: i === 0 ? 'off' : 'on',
      ...ENVIRONMENT,
      DYNAMODB_ENDPOINT: proxy.endpoint,
      LIMITS: JSON.stringify(LIMITS),
    };
    const aheadMs = between(next, 0, MAX_CLOCK_AHEAD_MS);
    const process = await ApiProcess.start(environment, aheadMs, path.join(folder, `api${i}.log`));
    victims.push({ process, proxy });
  }
  return victims;
}

async function createStream(api: AnyApi, operator: Operator): Promise<void> {
  while ((await api.ok('CreateStream', { StreamName: STREAM, ShardCount: SHARDS })) === undefined) {
    if ((await operator.openShards()) !== undefined) {
      break;
    }
  }
  await operator.settled();
}

function startClient(task: ClientTask): ChildProcess {
  return fork(path.join(import.meta.dirname, 'client.ts'), [JSON.stringify(task)]);
}

const signal = (clients: readonly ChildProcess[], word: ClientSignal): void => {
  for (const client of clients) {
    client.send(word);
  }
};

/** @throws Error when something takes longer than it ever may */
async function inTime(what: string, ending: Promise<unknown>, folder: string): Promise<void> {
  const ended = await Promise.race([ending.then(() => true), sleep(MAX_PHASE_MS, false, { ref: false })]);
  if (!ended) {
    throw new Error(`${what} took more than ${MAX_PHASE_MS / 60_000} minutes: ${folder}`);
  }
}

/** @throws Error when the client ends without the word */
async function said(client: ChildProcess, word: string): Promise<void> {
  const ended = once(client, 'exit').then(() => {
    throw new Error(`a client of the torture test ended before it had ${word}`);
  });
  ended.catch(() => {});
  for (let message: unknown; message !== word; ) {
    [message] = await Promise.race([once(client, 'message'), ended]);
  }
}

/** Waits until nothing half done is left. @returns what is left all the same */
async function cleanState(engine: EngineProcess): Promise<string[]> {
  process.env.AWS_ACCESS_KEY_ID ??= 'local';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
  const tables = openTables(readConfiguration({ ...ENVIRONMENT, AWS_ENDPOINT_URL_DYNAMODB: engine.url.href }));
  try {
    let left = await leftovers(tables);
    for (const endMs = Date.now() + CLEAN_WITHIN_MS; left.length > 0 && Date.now() < endMs; ) {
      await sleep(500);
      left = await leftovers(tables);
    }
    return left;
  } finally {
    tables.client.destroy();
  }
}

async function readHistory(files: readonly string[]): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      events.push(JSON.parse(line) as HistoryEvent);
    }
  }
  return events;
}

/** Counts of the same names added up. */
export function added(counts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of counts.flatMap((some) => [...some])) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return sums;
}
