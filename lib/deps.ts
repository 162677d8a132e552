import type { Credentials } from './authentication/credentials.ts';
import type { ThrottleCause } from './log/append.ts';
import type { GroupCommit } from './log/group-commit.ts';
import type { ShardReader } from './log/read.ts';
import type { Limits } from './model/limits.ts';
import type { Account, Stream, WorkflowRun } from './model/stream.ts';
import type { TokenCipher } from './model/token-cipher.ts';
import type { RateLimiter } from './runtime/rate-limiter.ts';
import type { Signals } from './runtime/signals.ts';
import type { StreamCatalog } from './store/stream-catalog.ts';
import type { Tables } from './store/tables.ts';

/** Starts the workflow that carries out what an operation began. */
export interface Workflows {
  /** Starting the same run again is harmless. @throws when the workflow could not be started */
  start(stream: Pick<Stream, 'name' | 'id'>, run: WorkflowRun): Promise<void>;
}

/** Counts, by its name, what slowed a put down or made it be refused. */
export type CountEvent = (event: ThrottleCause | 'lost claim') => void;

/** Tells of what went wrong without a client being told. Data blobs and partition keys never go here. */
export interface FaultLog {
  error(message: string, cause: unknown): void;
}

/** What operations are given. Time, randomness and identifiers come from here, so that a run can be repeated. */
export interface Deps {
  readonly account: Account;
  readonly limits: Limits;
  readonly transitionMs: number;
  /** Epoch ms. */
  readonly now: () => number;
  /** A text that is unique across processes, of letters, digits, `-` and `_`. */
  readonly newId: () => string;
  readonly tables: Tables;
  readonly catalog: StreamCatalog;
  readonly writer: GroupCommit;
  readonly reader: ShardReader;
  readonly rates: RateLimiter;
  /** Seals iterators and tokens; its key is read on first use. */
  readonly tokenCipher: () => Promise<TokenCipher>;
  /** Undefined: every well-formed signature is taken, and everyone may do everything. */
  readonly credentials: Credentials | undefined;
  /** Host names besides the gateway's own that clients may have signed for. */
  readonly hostNames: readonly string[];
  /** Tells what the deployment's own proxy proves itself with; undefined: there is none. */
  readonly proxySecret: (() => Promise<string>) | undefined;
  /** Whether an answer can go on: not every front door lets it. */
  readonly streaming: boolean;
  /** What happens in this process: appends, and subscriptions that are taken over. */
  readonly signals: Signals;
  readonly workflows: Workflows;
  readonly log: FaultLog;
  readonly countEvent: CountEvent;
}
