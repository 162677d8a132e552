import type { Credentials } from './authentication/credentials.ts';
import type { ThrottleCause } from './log/append.ts';
import type { GroupCommit } from './log/group-commit.ts';
import type { ShardReader } from './log/read.ts';
import type { Limits } from './model/limits.ts';
import type { Account, Stream, WorkflowRun } from './model/stream.ts';
import type { TokenCipher } from './model/token-cipher.ts';
import type { RateLimiter } from './runtime/rate-limiter.ts';
import type { ShardLoads } from './runtime/shard-loads.ts';
import type { Signals } from './runtime/signals.ts';
import type { StreamCatalog } from './store/stream-catalog.ts';
import type { Tables } from './store/tables.ts';

/** Starts the workflow that completes what an operation has begun. */
export interface Workflows {
  /** Starting the same run again is harmless. @throws if the workflow could not be started */
  start(stream: Pick<Stream, 'name' | 'id'>, run: WorkflowRun): Promise<void>;
}

/** Counts an event that slowed a put down or throttled it, by its name. */
export type CountEvent = (event: ThrottleCause | 'lost claim') => void;

/** An event that a subscription has sent to its consumer. */
export interface PushedEvent {
  readonly streamName: string;
  readonly consumerName: string;
  readonly shard: string;
  readonly records: number;
  /** Of data and partition keys. */
  readonly bytes: number;
  readonly behindMs: number;
}

/** Logs errors that clients do not see. Data and partition keys are never logged. */
export interface FaultLog {
  error(message: string, cause: unknown): void;
}

/** What operations and steps receive. Time, random values and ids come from here, so that tests control them. */
export interface Deps {
  readonly account: Account;
  readonly limits: Limits;
  readonly transitionMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** The time by which signatures are checked, epoch ms. */
  readonly signatureNow: () => number;
  /** Returns a text that is unique across processes. It has letters, digits, `-` and `_`. */
  readonly newId: () => string;
  readonly tables: Tables;
  /** Throws while the tables may not be used: they were restored, and not prepared. */
  readonly requireUsable: () => Promise<void>;
  readonly catalog: StreamCatalog;
  readonly writer: GroupCommit;
  readonly reader: ShardReader;
  readonly rates: RateLimiter;
  readonly shardLoads: ShardLoads;
  /** Encrypts iterators and tokens. Its key is read on first use. */
  readonly tokenCipher: () => Promise<TokenCipher>;
  /** Undefined: every well-formed signature is accepted, and everybody may do everything. */
  readonly credentials: Credentials | undefined;
  /** Host names for which clients may sign, besides the gateway's own. */
  readonly hostNames: readonly string[];
  /** Returns the secret of the deployment's own proxy. Undefined: there is no proxy. */
  readonly proxySecret: (() => Promise<string>) | undefined;
  /** Whether responses can be streamed, which not every front door supports. */
  readonly streaming: boolean;
  /** Events of this process: appends, and subscriptions that were replaced. */
  readonly signals: Signals;
  readonly workflows: Workflows;
  readonly log: FaultLog;
  readonly countEvent: CountEvent;
  /** Hears of each event of a subscription. */
  readonly pushed: (event: PushedEvent) => void;
}
