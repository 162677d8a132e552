import { createReadStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tables } from '../../lib/store/tables.ts';
import { random } from '../support/random.ts';
import { type Actor, type Cast, type EngineChoice, startCast } from './cast.ts';
import { check } from './checker.ts';
import type { ClientTask } from './client.ts';
import { ClientProcesses } from './client-processes.ts';
import { countedTurns } from './clock-schedule.ts';
import { DoubleStarts } from './double-starts.ts';
import type { HistoryEvent, RefusalEvent, TroubleEvent } from './history.ts';
import { Killer } from './killer.ts';
import { AnyApi } from './kinesis-call.ts';
import { Operator } from './operator.ts';
import { OverloadWatch } from './overload.ts';
import type { Killable } from './processes.ts';
import { countedRefusals } from './refusals.ts';
import { added, type RoundReport } from './report.ts';
import { maxTransitionMs, type RoundTerms, roundTerms } from './round-terms.ts';
import { Stopper } from './stopper.ts';
import { storedShards } from './stored-shards.ts';
import { cleanState } from './stored-state.ts';

/**
 * How a round has ended. At its end, `found` is the stored shards and what was wrong. If it ended early, it is only
 * what was wrong.
 */
interface Ending {
  readonly found: readonly HistoryEvent[];
  readonly isEarly: boolean;
}

const CLIENT_PROCESSES = 2;
const STREAM = 'torture';
const SHARDS = 3;

/** The largest record size that a stream can be set to. */
const MAX_RECORD_KIB = 10_240;

/** The operator's timeout is short: without a response by then, it asks another process. */
const OPERATOR_TIMEOUT_MS = 4_000;

/**
 * Delayed calls arrive within this time after the last fault. Then every unclear put has either been applied or not.
 */
const SETTLE_MS = 15_000;

/** A consumer that has not finished after so long never will: something that it has to read is out of its reach. */
const MAX_PHASE_MS = 180_000;

/** Tortures a fresh Rivulet for some time, then checks every promise. */
export async function tortureRound(seed: number, seconds: number, engine: EngineChoice): Promise<RoundReport> {
  const round = await Round.start(seed, seconds, engine);
  try {
    return await round.run();
  } finally {
    await round.close();
  }
}

class Round {
  readonly #seed: number;
  readonly #seconds: number;
  readonly #terms: RoundTerms;
  readonly #folder: string;
  readonly #engine: Killable;
  readonly #s3: Cast['s3'];
  readonly #tables: Tables;
  readonly #actors: readonly Actor[];
  readonly #api: AnyApi;
  readonly #operator: Operator;
  readonly #killer: Killer;
  readonly #stopper: Stopper;
  readonly #doubleStarts: DoubleStarts;
  readonly #overload = new OverloadWatch();
  readonly #histories: string[] = [];
  readonly #refusals: RefusalEvent[] = [];
  #clients: ClientProcesses | undefined;
  #disturbed: Promise<unknown> | undefined;
  #stopped = false;

  static async start(seed: number, seconds: number, engine: EngineChoice): Promise<Round> {
    const folder = await mkdtemp(path.join(tmpdir(), `rivulet-torture-${seed}-`));
    const cast = await startCast(engine, random(seed), roundTerms(seed), seconds, folder);
    return new Round(seed, seconds, folder, cast);
  }

  private constructor(seed: number, seconds: number, folder: string, { engine, actors, tables, s3 }: Cast) {
    const processes = actors.map(({ process }) => process);
    this.#seed = seed;
    this.#seconds = seconds;
    this.#terms = roundTerms(seed);
    this.#folder = folder;
    this.#engine = engine;
    this.#s3 = s3;
    this.#tables = tables;
    this.#actors = actors;
    this.#api = new AnyApi(this.#endpoints, random(seed + 1_000_000), {
      timeoutMs: OPERATOR_TIMEOUT_MS,
      refused: (refusal) => this.#refusals.push(refusal),
    });
    this.#operator = new Operator(STREAM, this.#api, random(seed + 2_000_000), maxTransitionMs(this.#terms));
    this.#stopper = new Stopper(processes, random(seed + 4_000_000));
    this.#killer = new Killer(actors, engine, this.#stopper, random(seed + 3_000_000));
    this.#doubleStarts = new DoubleStarts(processes, this.#tables, random(seed + 5_000_000));
  }

  get #endpoints(): string[] {
    return this.#actors.map(({ process }) => process.endpoint);
  }

  async run(): Promise<RoundReport> {
    await this.#createStream();
    const clients = new ClientProcesses(this.#clientTasks());
    this.#clients = clients;
    const stuck = clients.stuck.then((what): Ending => ({ found: [wrong(what)], isEarly: true }));
    const tortured = this.#torture(clients).catch((error: unknown): Ending => {
      if (error instanceof TookTooLong) {
        return { found: [wrong(error.message)], isEarly: error.isEarly };
      }
      throw error;
    });
    return this.#report(await Promise.race([tortured, stuck]));
  }

  async close(): Promise<void> {
    this.#stopped = true;
    this.#operator.abandon();
    this.#clients?.kill();
    // The killer restarts what it has killed, and the stopper resumes what it has stopped: waits for both.
    await this.#disturbed;
    for (const { process, faults } of this.#actors) {
      process.resume();
      process.kill();
      await faults.close();
    }
    this.#overload.close();
    this.#engine.kill();
    await this.#s3?.server.close();
  }

  /** Lets everything go wrong, then waits until all is quiet and everything is read. */
  async #torture(clients: ClientProcesses): Promise<Ending> {
    const stopped = () => this.#stopped;
    const troubles = [this.#killer, this.#stopper, this.#doubleStarts];
    this.#disturbed = Promise.all(troubles.map((trouble) => trouble.run(stopped)));
    const operated = this.#operator.run(stopped);
    // The timer must not keep this process alive when the round has ended early.
    await sleep(this.#seconds * 1_000, undefined, { ref: false });
    this.#stopped = true;
    await Promise.all([this.#disturbed, operated]);
    const told = clients.said('stopped');
    clients.signal('stop');
    for (const { faults } of this.#actors) {
      faults.active = false;
    }
    await this.#inTime('the clients stop', Promise.all([told, sleep(SETTLE_MS)]));
    // A stopped process may have made a call that requests a change.
    await this.#inTime('the stream is at rest', this.#operator.settled());
    const finished = clients.said('finished');
    clients.signal('finish');
    await this.#inTime('the consumers read everything', finished, false);
    await this.#operator.checkShards();
    const left = await cleanState(this.#tables, (StreamName) => this.#api.ok('DescribeStreamSummary', { StreamName }));
    const shards = await storedShards(this.#tables, STREAM);
    return { found: [...[...this.#operator.wrong, ...left].map(wrong), ...shards], isEarly: false };
  }

  async #report({ found, isEarly }: Ending): Promise<RoundReport> {
    const history = [...(await readHistory(this.#histories)), ...this.#refusals, ...this.#troubles(), ...found];
    const verdict = check(history, this.#terms);
    const calls = history.filter((event) => event.kind === 'calls');
    return {
      seed: this.#seed,
      seconds: this.#seconds,
      terms: this.#terms,
      // At an early end, much is still under way that would have become known. So only what was found counts.
      verdict: isEarly ? { ...verdict, violations: check(found, this.#terms).violations } : verdict,
      dynamoDbCalls: this.#actors.reduce((sum, { faults }) => sum + faults.calls, 0),
      longestTransitionMs: this.#operator.longestTransitionMs,
      counts: {
        faults: added(this.#actors.map(({ faults }) => faults.injected)),
        kills: this.#killer.kills,
        stops: this.#stopper.stops,
        clocks: countedTurns(this.#actors.map(({ turns }) => turns)),
        'double executions': this.#doubleStarts.started,
        changes: this.#operator.changes,
        calls: added(calls.map(({ counts }) => new Map(Object.entries(counts)))),
        'calls for objects': this.#s3?.server.calls ?? new Map(),
        refusals: countedRefusals(history.filter((event) => event.kind === 'refusal')),
      },
      folder: this.#folder,
    };
  }

  #troubles(): TroubleEvent[] {
    const faults = this.#actors.flatMap(({ process: { endpoint }, faults }) =>
      faults.troubles.map(({ kind, ...times }): TroubleEvent => {
        const what = kind === 'throttled' || kind === 'overload' ? kind : 'fault';
        return { kind: 'trouble', stream: '', what, endpoint, ...times };
      }),
    );
    return [
      ...faults,
      ...this.#killer.troubles,
      ...this.#stopper.troubles,
      ...this.#overload.troubles,
      ...(this.#s3?.troubles ?? []),
    ];
  }

  async #createStream(): Promise<void> {
    while ((await this.#api.ok('CreateStream', { StreamName: STREAM, ShardCount: SHARDS })) === undefined) {
      if ((await this.#operator.openShards()) !== undefined) {
        break;
      }
    }
    await this.#operator.settled();
    const MaxRecordSizeInKiB = MAX_RECORD_KIB;
    const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`;
    while (this.#terms.largeRecords) {
      if ((await this.#api.ok('UpdateMaxRecordSize', { StreamARN, MaxRecordSizeInKiB })) !== undefined) {
        await this.#operator.settled();
        return;
      }
    }
  }

  #clientTasks(): ClientTask[] {
    return Array.from({ length: CLIENT_PROCESSES }, (_, i): ClientTask => {
      const name = `client${i}`;
      const historyFile = path.join(this.#folder, `${name}.jsonl`);
      this.#histories.push(historyFile);
      return {
        name,
        seed: this.#seed * 10 + i,
        endpoints: this.#endpoints,
        stream: STREAM,
        historyFile,
        terms: this.#terms,
      };
    });
  }

  /**
   * @param isEarly whether something is still under way then
   * @throws TookTooLong when something takes longer than it ever may
   */
  async #inTime(what: string, ending: Promise<unknown>, isEarly = true): Promise<void> {
    const ended = await Promise.race([ending.then(() => true), sleep(MAX_PHASE_MS, false, { ref: false })]);
    if (!ended) {
      throw new TookTooLong(`${what}: that took more than ${MAX_PHASE_MS / 60_000} minutes`, isEarly);
    }
  }
}

class TookTooLong extends Error {
  readonly isEarly: boolean;

  constructor(message: string, isEarly: boolean) {
    super(message);
    this.isEarly = isEarly;
  }
}

const wrong = (what: string): HistoryEvent => ({ kind: 'wrong', stream: STREAM, what });

async function readHistory(files: readonly string[]): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      events.push(JSON.parse(line) as HistoryEvent);
    }
  }
  return events;
}
