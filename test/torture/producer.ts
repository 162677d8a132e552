import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick, type Random } from '../support/random.ts';
import { dataOf, type HistoryEvent, type PutEvent } from './history.ts';
import type { AnyApi, CallResult } from './kinesis-call.ts';

/** What the client side of a run works with. */
export interface ClientTools {
  readonly api: AnyApi;
  readonly next: Random;
  note(event: HistoryEvent): void;
}

/** A stream, as it is called and as the history tells it apart from others of the same name. */
export interface StreamUnderTest {
  readonly name: string;
  readonly label: string;
}

const KEYS = 5;
const MAX_PAUSE_MS = 60;

/** What the next record of a key is to be. */
interface KeyState {
  readonly key: string;
  number: number;
  lastSequenceNumber: string | undefined;
}

type Attempt = Pick<PutEvent, 'id' | 'key' | 'number' | 'after'>;

/** Puts records of a few keys of its own, one call after the other, and notes what became of each. */
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
      number: 0,
      lastSequenceNumber: undefined,
    }));
  }

  /** Puts until it is told to stop, and a call under way has ended. */
  async run(stopped: () => boolean): Promise<void> {
    const { next } = this.#tools;
    while (!stopped()) {
      await (next() < 0.6 ? this.#putRecord() : this.#putRecords(next() < 0.2 ? between(next, 50, 300) : 12));
      await sleep(next() * MAX_PAUSE_MS);
    }
  }

  #attempt(state: KeyState): Attempt {
    state.number += 1;
    this.#attempts += 1;
    return { id: `${this.#stream.label}/${this.#name}/${this.#attempts}`, key: state.key, number: state.number };
  }

  async #putRecord(): Promise<void> {
    const { api, next } = this.#tools;
    const state = pick(next, this.#keys);
    const after = next() < 0.5 ? state.lastSequenceNumber : undefined;
    const attempt = { ...this.#attempt(state), ...(after && { after }) };
    const startMs = Date.now();
    const result = await api.call('PutRecord', {
      StreamName: this.#stream.name,
      PartitionKey: attempt.key,
      Data: dataOf(attempt.id).toString('base64'),
      ...(after && { SequenceNumberForOrdering: after }),
    });
    this.#note([attempt], startMs, [outcomeOf(result, result.kind === 'answered' ? result.body : undefined)]);
  }

  async #putRecords(count: number): Promise<void> {
    const { api, next } = this.#tools;
    const attempts = Array.from({ length: count }, () => this.#attempt(pick(next, this.#keys)));
    const startMs = Date.now();
    const result = await api.call('PutRecords', {
      StreamName: this.#stream.name,
      Records: attempts.map(({ id, key }) => ({ PartitionKey: key, Data: dataOf(id).toString('base64') })),
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

/** A fault of the server may hide a write; a fault of the client may not. */
function outcomeOf(
  result: CallResult,
  entry: { SequenceNumber?: string; ShardId?: string; ErrorCode?: string } | undefined,
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
