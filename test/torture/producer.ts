import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_HASH_KEY } from '../../lib/model/hash-key.ts';
import { between, pick, type Random } from '../support/random.ts';
import { during } from './during.ts';
import { dataOf, type HistoryEvent, LARGE_BYTES, type PutEvent, sizedId } from './history.ts';
import type { AnyApi, CallResult } from './kinesis-call.ts';

/** What the clients of a round work with. */
export interface ClientTools {
  readonly api: AnyApi;
  readonly next: Random;
  note(event: HistoryEvent): void;
}

/**
 * A stream. Calls use its name. The history uses its label, which differs from that of other streams with the same
 * name.
 */
export interface StreamUnderTest {
  readonly name: string;
  readonly label: string;
  /** Whether records may be larger than 1 MiB. */
  readonly takesLargeRecords?: boolean;
}

const KEYS = 5;
const MAX_PAUSE_MS = 60;

/** The share of keys that are put with an explicit hash key. */
const EXPLICIT_PART = 0.3;

/** The pause between large puts, ms. They are rare, because a dozen readers read each of them. */
const LARGE_PAUSE_MS = [10_000, 45_000] as const;

/** The records of a large put. Twenty records of half a megabyte are as much as one PutRecords may hold, 10 MiB. */
const LARGE_PUT_RECORDS = [3, 20] as const;

/** The size of a single large record, bytes, if the stream accepts it. */
const LARGE_RECORD_BYTES = [1_500_000, 4_000_000] as const;

/** The state of a key, from which its next record follows. */
interface KeyState {
  readonly key: string;
  readonly explicitHashKey: string | undefined;
  number: number;
  lastSequenceNumber: string | undefined;
}

type Attempt = Pick<PutEvent, 'id' | 'key' | 'explicitHashKey' | 'number' | 'after'>;

/** Puts records of a few own keys, one call after the other, and notes the outcome of each. */
export class Producer {
  readonly #name: string;
  readonly #stream: StreamUnderTest;
  readonly #tools: ClientTools;
  readonly #keys: readonly KeyState[];
  #attempts = 0;

  constructor(name: string, stream: StreamUnderTest, tools: ClientTools) {
    this.#name = name;
    this.#stream = stream;
    this.#tools = tools;
    this.#keys = Array.from({ length: KEYS }, (_, i) => ({
      key: `${name}.${i}`,
      // Always the same one, so that the key's records stay in one shard and in their order.
      explicitHashKey: tools.next() < EXPLICIT_PART ? anyHashKey(tools.next) : undefined,
      number: 0,
      lastSequenceNumber: undefined,
    }));
  }

  /** Puts until it is stopped, and a call under way has ended. */
  async run(stopped: () => boolean): Promise<void> {
    const { next } = this.#tools;
    while (!stopped()) {
      await (next() < 0.6 ? this.#putRecord() : this.#putRecords(next() < 0.2 ? between(next, 50, 300) : 12));
      await sleep(next() * MAX_PAUSE_MS);
    }
  }

  /** Makes large puts now and then, up to the largest that is allowed. */
  async runLarge(stopped: () => boolean): Promise<void> {
    const { next } = this.#tools;
    while (await during(between(next, ...LARGE_PAUSE_MS), stopped)) {
      await (this.#stream.takesLargeRecords && next() < 0.6
        ? this.#putRecord(between(next, ...LARGE_RECORD_BYTES))
        : this.#putRecords(between(next, ...LARGE_PUT_RECORDS), LARGE_BYTES));
    }
  }

  /** @param bytes the size of its data; undefined: the id decides */
  #attempt(state: KeyState, bytes?: number): Attempt {
    state.number += 1;
    this.#attempts += 1;
    const { key, explicitHashKey, number } = state;
    const id = `${this.#stream.label}/${this.#name}/${this.#attempts}`;
    return {
      id: bytes === undefined ? id : sizedId(id, bytes),
      key,
      ...(explicitHashKey && { explicitHashKey }),
      number,
    };
  }

  async #putRecord(bytes?: number): Promise<void> {
    const { api, next } = this.#tools;
    const state = pick(next, this.#keys);
    const after = next() < 0.5 ? state.lastSequenceNumber : undefined;
    const attempt = { ...this.#attempt(state, bytes), ...(after && { after }) };
    const startMs = Date.now();
    const result = await api.call('PutRecord', {
      StreamName: this.#stream.name,
      PartitionKey: attempt.key,
      ...(attempt.explicitHashKey && { ExplicitHashKey: attempt.explicitHashKey }),
      Data: dataOf(attempt.id),
      ...(after && { SequenceNumberForOrdering: after }),
    });
    this.#note([attempt], startMs, [outcomeOf(result, result.kind === 'answered' ? result.body : undefined)]);
  }

  async #putRecords(count: number, bytes?: number): Promise<void> {
    const { api, next } = this.#tools;
    const attempts = Array.from({ length: count }, () => this.#attempt(pick(next, this.#keys), bytes));
    const startMs = Date.now();
    const result = await api.call('PutRecords', {
      StreamName: this.#stream.name,
      Records: attempts.map(({ id, key, explicitHashKey }) => ({
        PartitionKey: key,
        ...(explicitHashKey && { ExplicitHashKey: explicitHashKey }),
        Data: dataOf(id),
      })),
    });
    const entries = result.kind === 'answered' ? result.body?.Records : undefined;
    this.#note(
      attempts,
      startMs,
      attempts.map((_, i) => outcomeOf(result, entries?.[i])),
    );
  }

  #note(attempts: readonly Attempt[], startMs: number, outcomes: readonly Outcome[]): void {
    const endMs = Date.now();
    attempts.forEach((attempt, i) => {
      const outcome = outcomes[i] as Outcome;
      this.#tools.note({ kind: 'put', stream: this.#stream.label, ...attempt, startMs, endMs, ...outcome });
      const state = this.#keys.find(({ key }) => key === attempt.key);
      if (state !== undefined && outcome.sequenceNumber !== undefined) {
        state.lastSequenceNumber = outcome.sequenceNumber;
      }
    });
  }
}

type Outcome = Pick<PutEvent, 'outcome' | 'shardId' | 'sequenceNumber'>;

/** After a fault of the server, the record may have been written. After a fault of the client, it was not. */
function outcomeOf(
  result: CallResult,
  entry: { SequenceNumber?: string; ShardId?: string; ErrorCode?: string } | null | undefined,
): Outcome {
  if (result.kind === 'not-sent') {
    return { outcome: 'refused' };
  }
  if (result.kind === 'unclear' || result.status >= 500 || entry?.ErrorCode === 'InternalFailure') {
    return { outcome: 'unclear' };
  }
  return result.status === 200 && entry?.SequenceNumber !== undefined
    ? { outcome: 'acknowledged', shardId: entry.ShardId as string, sequenceNumber: entry.SequenceNumber }
    : { outcome: 'refused' };
}

/** Any hash key, sometimes the least or the greatest. */
function anyHashKey(next: Random): string {
  const parts = 1_000_000;
  return ((MAX_HASH_KEY * BigInt(pick(next, [0, parts, between(next, 0, parts)]))) / BigInt(parts)).toString();
}
