import { AsyncLocalStorage } from 'node:async_hooks';
import { MAX_BATCH_RECORDS } from '../model/position.ts';
import type { Moment } from '../stopwatch.ts';
import { MAX_ITEM_BODY_BYTES } from '../store/batch-item.ts';
import type { Append, AppendOutcome, ShardWriter } from './append.ts';
import { recordBytes } from './batch-body.ts';
import { shardName } from './shard-name.ts';

/** An append that waits for its turn. */
interface Waiting {
  readonly append: Append;
  readonly bytes: number;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
  readonly timeout: NodeJS.Timeout;
  /** Runs what is done for this append as part of its own request, by which calls are counted. */
  readonly asItself: ReturnType<typeof AsyncLocalStorage.snapshot>;
}

/** How long an append waits for its turn at most: a producer that is refused sooner tries again sooner. */
const MAX_WAIT_MS = 5_000;

/** Bytes of data and partition keys that wait in one process at most. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** Appends that wait in one process at most. */
const MAX_WAITING = 20_000;

/**
 * Lets concurrent appends to a shard share a batch: while one is in flight, the next one gathers. An append to a shard at
 * rest does not wait. What waits is bounded, in bytes and in time; what is beyond is refused at once, as by the shard's
 * limits.
 */
export class GroupCommit {
  readonly #writer: Pick<ShardWriter, 'append'>;
  /** The shards with an append in flight, and what waits behind it. */
  readonly #shards = new Map<string, Waiting[]>();
  #waiting = 0;
  #waitingBytes = 0;

  constructor(writer: Pick<ShardWriter, 'append'>) {
    this.#writer = writer;
  }

  /**
   * Appends the records that the shard's limits admit, in one batch, perhaps together with those of others.
   * @throws what the writer throws: the records may have been written
   */
  append(append: Append): Promise<AppendOutcome> {
    const name = shardName(append.shard);
    const queue = this.#shards.get(name);
    if (queue !== undefined) {
      return this.#wait(append, queue);
    }
    this.#shards.set(name, []);
    return this.#writer.append(append).finally(() => this.#next(name));
  }

  #wait(append: Append, queue: Waiting[]): Promise<AppendOutcome> {
    const bytes = append.records.reduce((sum, record) => sum + recordBytes(record), 0);
    if (this.#waiting >= MAX_WAITING || this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      return Promise.resolve({ kind: 'throttled', cause: 'full queue' });
    }
    this.#waiting += 1;
    this.#waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        queue.splice(queue.indexOf(waiting), 1);
        this.#leave(waiting);
        resolve({ kind: 'throttled', cause: 'full queue' });
      };
      const waiting: Waiting = {
        append,
        bytes,
        resolve,
        reject,
        timeout: setTimeout(giveUp, MAX_WAIT_MS),
        asItself: AsyncLocalStorage.snapshot(),
      };
      queue.push(waiting);
    });
  }

  /** Appends the next group of a shard, or lets the shard rest. */
  #next(name: string): void {
    const queue = this.#shards.get(name) ?? [];
    const group = queue.splice(0, groupSize(queue));
    const [first] = group;
    if (first === undefined) {
      this.#shards.delete(name);
      return;
    }
    for (const waiting of group) {
      this.#leave(waiting);
    }
    const records = group.flatMap(({ append }) => append.records);
    first
      .asItself(() => this.#writer.append({ ...first.append, records, settingsRead: oldestRead(group) }))
      .then(
        (outcome) => settle(group, outcome),
        (error) => {
          for (const { reject } of group) {
            reject(error);
          }
        },
      )
      .finally(() => this.#next(name));
  }

  #leave({ bytes, timeout }: Waiting): void {
    clearTimeout(timeout);
    this.#waiting -= 1;
    this.#waitingBytes -= bytes;
  }
}

/** How many of those that wait fit into one batch, and into one item; all of them see the stream alike. */
function groupSize(queue: readonly Waiting[]): number {
  const [first] = queue;
  let records = 0;
  let bytes = 0;
  let size = 0;
  for (const waiting of queue) {
    records += waiting.append.records.length;
    bytes += waiting.bytes;
    const fits = records <= MAX_BATCH_RECORDS && bytes <= MAX_ITEM_BODY_BYTES;
    if (size > 0 && !(fits && isAlike(waiting.append, first?.append))) {
      break;
    }
    size += 1;
  }
  return size;
}

/** When the settings were read that the group relies on: of those of all its members, the first. */
const oldestRead = (group: readonly Waiting[]): Moment | undefined =>
  group
    .flatMap(({ append }) => append.settingsRead ?? [])
    .reduce<Moment | undefined>((a, b) => (a !== undefined && a.steadyMs < b.steadyMs ? a : b), undefined);

const isAlike = (a: Append, b: Append | undefined): boolean =>
  a.retentionMs === b?.retentionMs && a.shardCreatedMs === b.shardCreatedMs && a.encrypted === b.encrypted;

/** Gives each of a group its part of the outcome: its records that were admitted lie side by side in the batch. */
function settle(group: readonly Waiting[], outcome: AppendOutcome): void {
  if (outcome.kind !== 'appended') {
    for (const { resolve } of group) {
      resolve(outcome);
    }
    return;
  }
  let from = 0;
  let offset = 0;
  for (const { append, resolve } of group) {
    const to = from + append.records.length;
    const admitted: number[] = [];
    for (let index = outcome.admitted[offset]; index !== undefined && index < to; ) {
      admitted.push(index - from);
      index = outcome.admitted[offset + admitted.length];
    }
    resolve(admitted.length > 0 ? { ...outcome, offset, admitted } : { kind: 'throttled', cause: 'shard limit' });
    from = to;
    offset += admitted.length;
  }
}
