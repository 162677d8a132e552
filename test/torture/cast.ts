import path from 'node:path';
import { readConfiguration } from '../../lib/configuration.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { openTables, type Tables } from '../../lib/store/tables.ts';
import { between, pick, type Random, random } from '../support/random.ts';
import { type ClockTurn, clockTurns } from './clock-schedule.ts';
import { FaultProxy, type WrittenTimes } from './fault-proxy.ts';
import { FaultSchedule } from './fault-schedule.ts';
import type { Victim } from './killer.ts';
import { ApiProcess, type EngineProcess } from './processes.ts';
import type { RoundTerms } from './round-terms.ts';

const API_PROCESSES = 4;

/** Clocks of the API processes are ahead by as much, ms. */
const MAX_STEADY_AHEAD_MS = 400;

/** Changes without end, and subscriptions that have to be taken up again and again. */
const LIMITS = { updateShardCountPerDay: 1_000_000, subscriptionMs: 15_000, subscriptionGraceMs: 300 };

/** Little room for writers, for less than a large record or for some, and more than enough for readers. */
const smallLimits = (next: Random) => ({
  shardRecordsPerSecond: pick(next, [30, 60, 120]),
  shardBytesPerSecond: pick(next, [300_000, 1_200_000]),
  shardReadsPerSecond: 10_000,
  shardReadBytesPerSecond: 1_000_000_000,
  subscriptionsPerSecond: 100,
});

const ENVIRONMENT = {
  ACCOUNT_ID: '000000000000',
  AWS_REGION: 'us-east-1',
  STREAMS_TABLE: 'rivulet-streams',
  RECORDS_TABLE: 'rivulet-records',
};

/** An API process with its proxy and the turns of its clock. */
export interface Actor extends Victim {
  readonly turns: readonly ClockTurn[];
}

/** Starts the API processes of a round. @param seconds how long it lasts */
export async function startActors(
  engine: EngineProcess,
  next: Random,
  terms: RoundTerms,
  seconds: number,
  folder: string,
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
      // One of them reserves every position: what guesses and what is reserved have to agree.
      GUESSING: i === 0 ? 'off' : 'on',
      THROTTLING: terms.throttling ? 'on' : 'off',
      ...ENVIRONMENT,
      DYNAMODB_ENDPOINT: proxy.endpoint,
      LIMITS: JSON.stringify(limits),
    };
    const steadyMs = between(next, 0, MAX_STEADY_AHEAD_MS);
    const turns = clockTurns(random(between(next, 0, 2 ** 31)), steadyMs, terms, seconds * 1_000);
    const process = await ApiProcess.start({ startedMs, turns }, environment, path.join(folder, `api${i}.log`));
    actors.push({ process, proxy, turns });
  }
  return actors;
}

/** The tables as they are, past every proxy. */
export function openStoredTables(engine: EngineProcess): Tables {
  process.env.AWS_ACCESS_KEY_ID ??= 'local';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
  const configuration = readConfiguration({ ...ENVIRONMENT, AWS_ENDPOINT_URL_DYNAMODB: engine.url.href });
  return openTables(openDynamoDb(configuration), configuration);
}
