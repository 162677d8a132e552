import { randomBytes } from 'node:crypto';
import type { Credentials } from './authentication/credentials.ts';
import type { Configuration } from './configuration.ts';
import type { CountEvent, Deps, FaultLog, PushedEvent, Workflows } from './deps.ts';
import { ShardWriter } from './log/append.ts';
import { GroupCommit } from './log/group-commit.ts';
import { ShardReader } from './log/read.ts';
import { shardName } from './log/shard-name.ts';
import { TokenCipher } from './model/token-cipher.ts';
import { memoized } from './runtime/memoized.ts';
import { randomText } from './runtime/random-text.ts';
import { RateLimiter } from './runtime/rate-limiter.ts';
import { ShardLoads } from './runtime/shard-loads.ts';
import { Signals } from './runtime/signals.ts';
import { StreamCatalog } from './store/stream-catalog.ts';
import { type CapacityMeter, metered, type Tables } from './store/tables.ts';
import { areAdopted } from './store/tables-item.ts';
import { tokenKey } from './store/token-key-item.ts';

/** 72 random bits in 12 characters: no two appends of a table will ever have the same id. */
const ID_BYTES = 9;

/** What a process is given besides its configuration (docs/glossary.md). */
export interface Platform {
  readonly tables: Tables;
  readonly workflows: Workflows;
  readonly log: FaultLog;
  readonly credentials?: Credentials | undefined;
  readonly proxySecret?: Deps['proxySecret'];
  readonly meter?: CapacityMeter | undefined;
  readonly countEvent?: CountEvent | undefined;
  readonly pushed?: ((event: PushedEvent) => void) | undefined;
  /** The clock, epoch ms. Tests set it. */
  readonly now?: (() => number) | undefined;
  /** The clock that signatures are checked with, epoch ms. Clients sign by real time, whatever `now` says. Default: `now`. */
  readonly signatureNow?: (() => number) | undefined;
}

/** Creates what operations and workflow steps work with. */
export function createDeps(
  configuration: Configuration,
  {
    workflows,
    log,
    credentials,
    proxySecret,
    meter,
    countEvent = () => {},
    pushed = () => {},
    tables: opened,
    now,
    signatureNow,
  }: Platform,
): Deps {
  const { account, limits, transitionMs } = configuration;
  const tables = meter === undefined ? opened : metered(opened, meter);
  const clock = now ?? Date.now;
  const newId = () => randomText(ID_BYTES, 'base64url');
  const signals = new Signals();
  return {
    account,
    limits,
    transitionMs,
    now: clock,
    signatureNow: signatureNow ?? clock,
    newId,
    tables,
    requireUsable: configuration.adopted ? memoized(() => requireAdopted(tables)) : async () => {},
    catalog: new StreamCatalog(tables, clock),
    writer: new GroupCommit(
      new ShardWriter(tables, limits, clock, newId, {
        guessing: configuration.guessing,
        compressAbove: configuration.compressAbove,
        appended: (shard) => signals.send(shardName(shard)),
        claimLost: () => countEvent('lost claim'),
      }),
    ),
    reader: new ShardReader(tables, clock, newId, (what, cause) => log.error(what, cause)),
    rates: new RateLimiter(clock),
    shardLoads: new ShardLoads(),
    tokenCipher: memoized(async () => new TokenCipher(await tokenKey(tables, randomBytes))),
    credentials,
    hostNames: configuration.hostNames,
    proxySecret,
    streaming: configuration.streaming,
    signals,
    workflows,
    log,
    countEvent,
    pushed,
  };
}

/** @throws Error with the command that prepares the tables */
async function requireAdopted(tables: Tables): Promise<void> {
  if (!(await areAdopted(tables))) {
    throw new Error(
      'the tables were restored, or were there before the stack, and are not prepared yet: ' +
        `npx rivulet adopt --streams-table ${tables.streams} --records-table ${tables.records}`,
    );
  }
}
