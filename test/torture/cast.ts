import path from 'node:path';
import { readConfiguration } from '../../lib/configuration.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { openTables, type Tables } from '../../lib/store/tables.ts';
import { between, pick, type Random, random } from '../support/random.ts';
import { type ClockTurn, clockTurns } from './clock-schedule.ts';
import { EmbeddedFaults, engineInside } from './embedded-engine.ts';
import { FaultProxy, type WrittenTimes } from './fault-proxy.ts';
import { FaultSchedule } from './fault-schedule.ts';
import type { Victim } from './killer.ts';
import { ApiProcess, EngineProcess, type Killable } from './processes.ts';
import type { RoundTerms } from './round-terms.ts';
import { type FaultyS3, s3Environment, startFaultyS3, tortureBodies } from './s3-faults.ts';

const API_PROCESSES = 4;

/** The most that a steady clock of an API process is ahead, ms. */
const MAX_STEADY_AHEAD_MS = 400;

/** Limits that allow any number of changes, and make clients renew subscriptions again and again. */
const LIMITS = { updateShardCountPerDay: 1_000_000, subscriptionMs: 15_000, subscriptionGraceMs: 300 };

/**
 * Small limits for writers: a second has room for less than a large record, or for a few. Readers have more than
 * enough.
 */
const smallLimits = (next: Random) => ({
  shardRecordsPerSecond: pick(next, [30, 60, 120]),
  shardBytesPerSecond: pick(next, [300_000, 1_200_000]),
  shardReadsPerSecond: 10_000,
  shardReadBytesPerSecond: 1_000_000_000,
  subscriptionsPerSecond: 100,
});

const TABLES = { streamsTable: 'rivulet-streams', recordsTable: 'rivulet-records' };

const ENVIRONMENT = {
  ACCOUNT_ID: '000000000000',
  AWS_REGION: 'us-east-1',
  STREAMS_TABLE: TABLES.streamsTable,
  RECORDS_TABLE: TABLES.recordsTable,
};

/** An API process with its faults and the turns of its clock. */
export interface Actor extends Victim {
  readonly turns: readonly ClockTurn[];
}

/** Where the data is: in one engine for all API processes, or inside the only API process. */
export type EngineChoice = 'separate' | 'embedded';

/** Everything that a round tortures. */
export interface Cast {
  readonly actors: readonly Actor[];
  readonly engine: Killable;
  /** Tables whose calls meet no faults. */
  readonly tables: Tables;
  /** Keeps large bodies, in rounds that have it. */
  readonly s3: FaultyS3 | undefined;
}

/** Starts everything that a round tortures. @param seconds how long the round lasts */
export async function startCast(
  choice: EngineChoice,
  next: Random,
  terms: RoundTerms,
  seconds: number,
  folder: string,
): Promise<Cast> {
  const s3 = terms.bodiesInS3 ? await startFaultyS3(between(next, 0, 2 ** 31)) : undefined;
  const bodies = tortureBodies(s3?.server.endpoint);
  const more: Record<string, string> = s3 === undefined ? {} : s3Environment(s3.server.endpoint);
  if (choice === 'embedded') {
    const actor = await startEmbedded(next, terms, seconds, folder, more);
    const tables = openTables(engineInside(actor.process), TABLES, bodies);
    return { actors: [actor], engine: actor.process, tables, s3 };
  }
  const engine = await EngineProcess.start(folder);
  return {
    actors: await startActors(engine, next, terms, seconds, folder, more),
    engine,
    tables: { ...openStoredTables(engine), bodies },
    s3,
  };
}

/** Starts one process with the engine inside. It keeps its data in a folder. */
async function startEmbedded(
  next: Random,
  terms: RoundTerms,
  seconds: number,
  folder: string,
  more: Record<string, string>,
): Promise<Actor> {
  const limits = { ...LIMITS, ...(terms.throttling && smallLimits(next)) };
  const environment = {
    ...ENVIRONMENT,
    GUESSING: pick(next, ['on', 'off']),
    THROTTLING: terms.throttling ? 'on' : 'off',
    DATA_DIR: path.join(folder, 'data'),
    ...more,
    LIMITS: JSON.stringify(limits),
  };
  const steadyMs = between(next, 0, MAX_STEADY_AHEAD_MS);
  const turns = clockTurns(random(between(next, 0, 2 ** 31)), steadyMs, terms, seconds * 1_000);
  const task = { startedMs: Date.now(), turns, faultSeed: between(next, 0, 2 ** 31) };
  const process = await ApiProcess.start(task, environment, path.join(folder, 'api.log'));
  return { process, faults: new EmbeddedFaults(process), turns };
}

/** Starts several API processes on one engine. */
async function startActors(
  engine: EngineProcess,
  next: Random,
  terms: RoundTerms,
  seconds: number,
  folder: string,
  more: Record<string, string>,
): Promise<Actor[]> {
  const startedMs = Date.now();
  const written: WrittenTimes = new Map();
  const limits = { ...LIMITS, ...(terms.throttling && smallLimits(next)) };
  const actors: Actor[] = [];
  for (let i = 0; i < API_PROCESSES; i++) {
    const schedule = new FaultSchedule(random(between(next, 0, 2 ** 31)));
    const proxy = await FaultProxy.start(
      (mayBeStale) => schedule.draw(mayBeStale),
      () => engine.url,
      written,
    );
    const environment = {
      // One process reserves every position, because guesses and reservations have to agree.
      GUESSING: i === 0 ? 'off' : 'on',
      THROTTLING: terms.throttling ? 'on' : 'off',
      ...ENVIRONMENT,
      ...more,
      DYNAMODB_ENDPOINT: proxy.endpoint,
      LIMITS: JSON.stringify(limits),
    };
    const steadyMs = between(next, 0, MAX_STEADY_AHEAD_MS);
    const turns = clockTurns(random(between(next, 0, 2 ** 31)), steadyMs, terms, seconds * 1_000);
    const process = await ApiProcess.start({ startedMs, turns }, environment, path.join(folder, `api${i}.log`));
    actors.push({ process, faults: proxy, turns });
  }
  return actors;
}

function openStoredTables(engine: EngineProcess): Tables {
  process.env.AWS_ACCESS_KEY_ID ??= 'local';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
  const configuration = readConfiguration({ ...ENVIRONMENT, AWS_ENDPOINT_URL_DYNAMODB: engine.url.href });
  return openTables(openDynamoDb(configuration), configuration);
}
