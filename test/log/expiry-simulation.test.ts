import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decreaseStreamRetentionPeriod } from '../../lib/operations/streams/decrease-stream-retention-period.ts';
import { increaseStreamRetentionPeriod } from '../../lib/operations/streams/increase-stream-retention-period.ts';
import type { LifecycleTask } from '../../lib/workflows/task.ts';
import { ApiInstance } from '../support/api-instance.ts';
import { type StoreChoice, storeChoicesWithBodies, type TestStore } from '../support/engines.ts';
import { Crashed } from '../support/faulty-tables.ts';
import { pushedEvents } from '../support/pushed-events.ts';
import { pick, type Random, random } from '../support/random.ts';
import { incompressible } from '../support/shard-log.ts';
import { TestClock } from '../support/test-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A record this near to the horizon may or may not be over, because real time passes as well. */
const BLURRED_MS = MINUTE_MS;

/** A run has to end within this time. Everything is kept for an hour beyond its retention. */
const RUN_WITHIN_MS = 50 * MINUTE_MS;

/** DynamoDB removes what has expired within two days. */
const LATEST_REMOVAL_MS = 2 * DAY_MS;

type Action =
  | { readonly kind: 'put'; readonly isLarge: boolean }
  | { readonly kind: 'wait'; readonly minutes: number }
  | { readonly kind: 'retain'; readonly hours: number }
  | { readonly kind: 'run'; readonly how: 'plainly' | 'slowly' | 'with a crash' | 'twice at once' }
  | { readonly kind: 'remove'; readonly share: number };

const actions = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('put' as const), isLarge: fc.nat(4).map((n) => n === 0) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      minutes: fc.constantFrom(20, 45, 400, 900, 1_500, 3_100),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('retain' as const), hours: fc.constantFrom(24, 25, 36, 48, 49, 72, 100) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      how: fc.constantFrom('plainly' as const, 'slowly' as const, 'with a crash' as const, 'twice at once' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), share: fc.constantFrom(0.3, 0.7, 1) }),
  },
);

/** A record that was acknowledged. */
interface Acknowledged {
  readonly name: string;
  readonly sequenceNumber: string;
  readonly arrivalMs: number;
}

let streams = 0;

describe.each(storeChoicesWithBodies())('expiry in simulated time on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  it('keeps each record readable until its retention is over, and never lets what is over block the rest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(actions, { minLength: 6, maxLength: 16 }), fc.nat(), async (sequence, seed) => {
        const simulation = await Simulation.start(store, choice.name, random(seed));
        for (const action of sequence) {
          await simulation.act(action);
        }
        await simulation.end();
      }),
      {
        numRuns: Number(process.env.EXPIRY_RUNS ?? 6),
        ...(process.env.EXPIRY_SEED && { seed: Number(process.env.EXPIRY_SEED) }),
      },
    );
  });
});

/** A stream, its clock, DynamoDB's expiry, and the records that have to be readable. */
class Simulation {
  readonly #store: TestStore;
  readonly #clock = new TestClock();
  readonly #api: ApiInstance;
  readonly #next: Random;
  readonly #name: string;
  #retentionMs = DAY_MS;
  /** What arrived before this time is over, and stays so, epoch ms. */
  #horizonMs = 0;
  /** The time by which the started run has to end, epoch ms. */
  #runByMs = Number.POSITIVE_INFINITY;
  #records: Acknowledged[] = [];
  #puts = 0;

  private constructor(store: TestStore, engine: string, next: Random) {
    this.#store = store;
    this.#next = next;
    this.#name = `simulated-${engine}-${streams++}`;
    this.#api = new ApiInstance(store.endpoint, this.#clock);
  }

  static async start(store: TestStore, engine: string, next: Random): Promise<Simulation> {
    const simulation = new Simulation(store, engine, next);
    if (store.objects !== undefined) {
      store.objects.now = simulation.#clock.now;
    }
    await simulation.#api.create(simulation.#name);
    return simulation;
  }

  async act(action: Action): Promise<void> {
    switch (action.kind) {
      case 'put':
        await this.#put(action.isLarge);
        break;
      case 'wait':
        await this.#wait(action.minutes * MINUTE_MS);
        break;
      case 'retain':
        await this.#retain(action.hours);
        break;
      case 'run':
        await this.#run(action.how);
        break;
      case 'remove':
        await this.#remove(action.share);
    }
    await this.#check();
  }

  /** Removes everything that may be removed, and checks that everything else is still there. */
  async end(): Promise<void> {
    await this.#run('plainly');
    await this.#wait(this.#retentionMs - 3 * HOUR_MS);
    await this.#remove(1);
    await this.#check();
  }

  async #put(isLarge: boolean): Promise<void> {
    const name = `record ${this.#puts++} `;
    const sequenceNumber = await this.#api.put(this.#name, isLarge ? name + incompressible(600_000) : name);
    this.#records.push({ name, sequenceNumber, arrivalMs: this.#clock.now() });
    // No two of them arrive in the same millisecond.
    this.#clock.pass(10);
  }

  /** Lets time pass. If a run has to end by then, it is carried out before. */
  async #wait(ms: number): Promise<void> {
    if (this.#clock.now() + ms > this.#runByMs) {
      await this.#run(pick(this.#next, ['plainly', 'slowly', 'with a crash', 'twice at once'] as const));
    }
    this.#clock.pass(ms);
    await this.#remove(0);
    this.#horizonMs = Math.max(this.#horizonMs, this.#clock.now() - this.#retentionMs);
  }

  async #retain(hours: number): Promise<void> {
    const input = { StreamName: this.#name, RetentionPeriodHours: hours };
    this.#horizonMs = Math.max(this.#horizonMs, this.#clock.now() - this.#retentionMs);
    if (hours * HOUR_MS > this.#retentionMs) {
      await increaseStreamRetentionPeriod.handle(input, this.#api.deps);
      this.#runByMs = Math.min(this.#runByMs, this.#clock.now() + RUN_WITHIN_MS);
    } else {
      await decreaseStreamRetentionPeriod.handle(input, this.#api.deps);
    }
    this.#retentionMs = hours * HOUR_MS;
    this.#horizonMs = Math.max(this.#horizonMs, this.#clock.now() - this.#retentionMs);
  }

  async #run(how: (Action & { kind: 'run' })['how']): Promise<void> {
    for (const task of this.#api.executions.splice(0)) {
      await this.#carryOut(task, how);
    }
    this.#runByMs = Number.POSITIVE_INFINITY;
  }

  async #carryOut(task: LifecycleTask, how: (Action & { kind: 'run' })['how']): Promise<void> {
    if (how === 'twice at once') {
      await Promise.all([this.#api.carryOut(task), new ApiInstance(this.#store.endpoint, this.#clock).carryOut(task)]);
      return;
    }
    let moves = 0;
    const crashAt = how === 'with a crash' ? Math.floor(this.#next() * 8) : Number.POSITIVE_INFINITY;
    const faulty = new ApiInstance(this.#store.endpoint, this.#clock, (command, { TableName }) => {
      if (command !== 'UpdateItem' || !TableName?.endsWith('records')) {
        return 'pass';
      }
      this.#clock.pass(how === 'slowly' ? 20_000 : 0);
      return ++moves > crashAt ? 'crash' : 'pass';
    });
    await faulty.carryOut(task).catch((error) => {
      expect(error).toBeInstanceOf(Crashed);
      return this.#api.carryOut(task);
    });
  }

  /**
   * DynamoDB's expiry. It removes nothing before its time, and everything within two days of it, in any order. The lifecycle
   * rules of a bucket do the same, by the age of each object.
   * @param share the share of expired items that is removed now
   */
  async #remove(share: number): Promise<void> {
    const { Items = [] } = await this.#store.tables.client.scan({
      TableName: this.#store.tables.records,
      ProjectionExpression: 'pk, sk, #ttl',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
    });
    const id = (await this.#api.stream(this.#name)).id;
    for (const { pk, sk, ttl } of Items) {
      const expiredMs = this.#clock.now() - (ttl as number) * 1_000;
      const isRemoved = expiredMs > LATEST_REMOVAL_MS || (expiredMs > 0 && this.#next() < share);
      if (isRemoved && (pk as string).startsWith(id)) {
        await this.#store.tables.client.delete({ TableName: this.#store.tables.records, Key: { pk, sk } });
      }
    }
    await this.#store.objects?.expire(() => this.#next() < share);
  }

  /** Checks that what has to be readable is, by every way of reading and in its order. What is over must not be. */
  async #check(): Promise<void> {
    this.#horizonMs = Math.max(this.#horizonMs, this.#clock.now() - this.#retentionMs);
    const kept = this.#records.filter(({ arrivalMs }) => arrivalMs > this.#horizonMs + BLURRED_MS);
    const blurred = this.#records.filter(({ arrivalMs }) => Math.abs(arrivalMs - this.#horizonMs) <= BLURRED_MS);
    this.#records = [...blurred, ...kept];
    // A process that has not read the stream yet. What a process remembers is not the subject here.
    const reader = new ApiInstance(this.#store.endpoint, this.#clock);
    const names = (records: readonly Acknowledged[]) => records.map(({ name }) => name);
    const given = (read: readonly string[]) =>
      read
        .map((text) => text.slice(0, text.indexOf(' ', 'record '.length) + 1))
        .filter((name) => !names(blurred).includes(name));

    expect(given(await this.#readFrom(reader, 'TRIM_HORIZON'))).toEqual(names(kept));
    expect(given(await this.#pushedFrom(reader))).toEqual(names(kept));
    expect(given(await this.#readFrom(reader, 'LATEST'))).toEqual([]);
    if (kept.length > 0) {
      const from = Math.floor(this.#next() * kept.length);
      const { sequenceNumber: StartingSequenceNumber, arrivalMs } = kept[from] as Acknowledged;
      const places = [
        ['AT_SEQUENCE_NUMBER', { StartingSequenceNumber }, from],
        ['AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber }, from + 1],
        // A time between this record and the next one.
        ['AT_TIMESTAMP', { Timestamp: arrivalMs + 1 }, kept.findIndex((record) => record.arrivalMs > arrivalMs + 1)],
      ] as const;
      for (const [type, more, first] of places) {
        const expected = first === -1 ? [] : names(kept.slice(first));
        expect(given(await this.#readFrom(reader, type, more)), type).toEqual(expected);
      }
    }
  }

  async #readFrom(reader: ApiInstance, type: string, more: object = {}): Promise<string[]> {
    const texts: string[] = [];
    let iterator: string | undefined = await reader.iterator(this.#name, type, more);
    for (let empty = 0; iterator !== undefined && empty < 2; ) {
      const answer = await reader.read(iterator);
      texts.push(...answer.texts);
      empty = answer.texts.length === 0 ? empty + 1 : 0;
      iterator = answer.next;
    }
    return texts;
  }

  async #pushedFrom(reader: ApiInstance): Promise<string[]> {
    const texts: string[] = [];
    for await (const event of pushedEvents(reader, this.#name, { type: 'TRIM_HORIZON' })) {
      texts.push(...event.Records.map(({ Data }) => Buffer.from(Data).toString()));
      if (event.MillisBehindLatest === 0) {
        break;
      }
    }
    return texts;
  }
}
