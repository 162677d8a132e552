import { AsyncLocalStorage } from 'node:async_hooks';
import { MAX_ITEM_BODY_BYTES } from '../model/limits.ts';
import { MAX_BATCH_RECORDS } from '../model/position.ts';
import type { Moment } from '../runtime/stopwatch.ts';
import type { Append, AppendOutcome, ShardWriter } from './append.ts';
import { shardName } from './shard-name.ts';

/** An append that waits for its turn. */
interface Waiting {
  readonly append: Append;
  readonly bytes: number;
  /** By the monotonic clock, ms. */
  readonly sinceMs: number;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
  /** Runs what is done for its group as part of its own request, by which calls are counted; set for who heads a group. */
  readonly asItself: ReturnType<typeof AsyncLocalStorage.snapshot> | undefined;
}

/** A shard with appends. */
interface Queue {
  readonly name: string;
  readonly waiting: Waiting[];
  /** What happens to those that wait: nothing yet, they start when the turn of the event loop ends, or when a batch is written. */
  state: 'resting' | 'gathering' | 'in flight';
  /** Refuses appends that wait too long. Set while appends wait for a batch in flight. */
  timeout: NodeJS.Timeout | undefined;
}

/** The longest wait of an append, ms: a producer that is refused sooner retries sooner. */
const MAX_WAIT_MS = 5_000;

/** The most bytes of data and partition keys that wait in one process. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** The most appends that wait in one process. */
const MAX_WAITING = 20_000;

/**
 * Lets concurrent appends to a shard share a batch: while one is in flight, the next ones are gathered. An engine in this process
 * responds within the same turn of the event loop, so no append would ever be in flight. Therefore only the first append
 * of a turn is written at once. Others wait for the end of the turn. The queue is bounded, in
 * number, bytes and time. What exceeds this is refused at once, as a full queue.
 */
export class GroupCommit {
  readonly #writer: Pick<ShardWriter, 'append'>;
  readonly #queues = new Map<string, Queue>();
  #waiting = 0;
  #waitingBytes = 0;
  /** Whether an append has come in this turn of the event loop. */
  #hasBegun = false;

  constructor(writer: Pick<ShardWriter, 'append'>) {
    this.#writer = writer;
  }

  /**
   * Appends the records that the shard's limits admit, in one batch, perhaps together with those of others.
   * @throws what the writer throws: the records may have been written
   */
  append(append: Append): Promise<AppendOutcome> {
    const bytes = append.records.reduce((sum, record) => sum + record.bytes, 0);
    if (this.#waiting > 0 && (this.#waiting >= MAX_WAITING || this.#waitingBytes + bytes > MAX_WAITING_BYTES)) {
      return Promise.resolve({ kind: 'throttled', cause: 'full queue' });
    }
    const queue = this.#queue(shardName(append.shard));
    this.#waiting += 1;
    this.#waitingBytes += bytes;
    return new Promise((resolve, reject) => {
      const asItself =
        queue.state === 'in flight' && queue.waiting.length === 0 ? AsyncLocalStorage.snapshot() : undefined;
      queue.waiting.push({ append, bytes, sinceMs: performance.now(), resolve, reject, asItself });
      if (queue.state === 'in flight') {
        this.#watch(queue);
      } else if (queue.state === 'resting') {
        // As part of its own request, at once or later.
        this.#begin(queue);
      }
    });
  }

  #begin(queue: Queue): void {
    if (this.#hasBegun) {
      queue.state = 'gathering';
      setImmediate(() => this.#next(queue));
      return;
    }
    this.#hasBegun = true;
    setImmediate(() => {
      this.#hasBegun = false;
    });
    this.#next(queue);
  }

  #queue(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) {
      return known;
    }
    const queue: Queue = { name, waiting: [], state: 'resting', timeout: undefined };
    this.#queues.set(name, queue);
    return queue;
  }

  /** Refuses the appends that wait too long, when the first of them does. */
  #watch(queue: Queue): void {
    const [first] = queue.waiting;
    if (first === undefined || queue.timeout !== undefined) {
      return;
    }
    const leftMs = MAX_WAIT_MS - (performance.now() - first.sinceMs);
    queue.timeout = setTimeout(() => {
      queue.timeout = undefined;
      const beforeMs = performance.now() - MAX_WAIT_MS;
      const young = queue.waiting.findIndex(({ sinceMs }) => sinceMs > beforeMs);
      for (const waiting of queue.waiting.splice(0, young === -1 ? queue.waiting.length : young)) {
        this.#leave(waiting);
        waiting.resolve({ kind: 'throttled', cause: 'full queue' });
      }
      this.#watch(queue);
    }, leftMs);
  }

  /** Appends the next group of a shard, if there is one. */
  #next(queue: Queue): void {
    const group = queue.waiting.splice(0, groupSize(queue.waiting));
    clearTimeout(queue.timeout);
    queue.timeout = undefined;
    const [first] = group;
    if (first === undefined) {
      this.#queues.delete(queue.name);
      return;
    }
    queue.state = 'in flight';
    this.#watch(queue);
    for (const waiting of group) {
      this.#leave(waiting);
    }
    const records = group.length === 1 ? first.append.records : group.flatMap(({ append }) => append.records);
    const write = () => this.#writer.append({ ...first.append, records, settingsRead: oldestRead(group) });
    (first.asItself === undefined ? write() : first.asItself(write))
      .then(
        (outcome) => settle(group, outcome),
        (error) => {
          for (const { reject } of group) {
            reject(error);
          }
        },
      )
      .finally(() => this.#next(queue));
  }

  #leave({ bytes }: Waiting): void {
    this.#waiting -= 1;
    this.#waitingBytes -= bytes;
  }
}

/** How many waiting appends fit into one batch and one item. All of them have the same settings of the stream. */
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

/** When the settings of the group were read: the earliest time of its members. */
const oldestRead = (group: readonly Waiting[]): Moment | undefined =>
  group
    .flatMap(({ append }) => append.settingsRead ?? [])
    .reduce<Moment | undefined>((a, b) => (a !== undefined && a.steadyMs < b.steadyMs ? a : b), undefined);

const isAlike = (a: Append, b: Append | undefined): boolean =>
  a.retentionMs === b?.retentionMs && a.shardCreatedMs === b.shardCreatedMs && a.encrypted === b.encrypted;

/** Gives each append of a group its part of the outcome: its admitted records are next to each other in the batch. */
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
