import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logRecord, packRecords } from '../../lib/log/batch-body.ts';
import { expirySeconds } from '../../lib/log/protocol.ts';
import { sealShard } from '../../lib/log/seal.ts';
import { HASH_KEY_SPACE } from '../../lib/model/hash-key.ts';
import { splitShard } from '../../lib/operations/shards/split-shard.ts';
import { decreaseStreamRetentionPeriod } from '../../lib/operations/streams/decrease-stream-retention-period.ts';
import { deleteStream } from '../../lib/operations/streams/delete-stream.ts';
import { increaseStreamRetentionPeriod } from '../../lib/operations/streams/increase-stream-retention-period.ts';
import { type Batch, putBatch, queryBatches } from '../../lib/store/batch-item.ts';
import { chunkPartition, type ShardReference } from '../../lib/store/table.ts';
import { advance } from '../../lib/workflows/advance.ts';
import { sweep } from '../../local/expired-items.ts';
import { ApiInstance } from '../support/api-instance.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import type { FaultPlan } from '../support/faulty-tables.ts';
import { incompressible } from '../support/shard-log.ts';
import { TestClock } from '../support/test-clock.ts';

const HOUR_MS = 3_600_000;

let names = 0;

describe.each(storeChoices())('the rules of expiry on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  async function streamOf(shards = 1) {
    const clock = new TestClock();
    clock.passToMillisecond(960);
    const name = `expiring-${choice.name}-${names++}`;
    const api = new ApiInstance(store.endpoint, clock);
    const { id } = await api.create(name, shards);
    const shard = { streamId: id, shardIndex: 0 };
    return { clock, name, api, shard, instance: (plan: FaultPlan) => new ApiInstance(store.endpoint, clock, plan) };
  }

  const increase = (api: ApiInstance, StreamName: string, RetentionPeriodHours: number) =>
    increaseStreamRetentionPeriod.handle({ StreamName, RetentionPeriodHours }, api.deps);

  const decrease = (api: ApiInstance, StreamName: string, RetentionPeriodHours: number) =>
    decreaseStreamRetentionPeriod.handle({ StreamName, RetentionPeriodHours }, api.deps);

  const batchesOf = async (shard: ShardReference): Promise<Batch[]> =>
    (await queryBatches(store.tables, shard, 1, { limit: 1_000, consistent: true })).batches;

  /** Removes everything that may expire, as DynamoDB has done in the end. */
  const expire = async (clock: TestClock) => {
    const seconds = Math.floor(clock.now() / 1_000);
    for (let from = await sweep(store.tables, undefined, seconds); from !== undefined; ) {
      from = await sweep(store.tables, from, seconds);
    }
  };

  /** For how long a batch is kept after its arrival, hours. */
  const keptHours = ({ ttl = Number.POSITIVE_INFINITY, arrivalMs }: Batch) =>
    Math.floor((ttl * 1_000 - arrivalMs) / HOUR_MS);

  it.each([
    [24, 25],
    [25, 49],
    [48, 49],
    [8_760, 8_761],
  ])('[E1] keeps what is put with a retention period of %i hours for %i', async (hours, kept) => {
    const { name, api, shard } = await streamOf();
    if (hours > 24) {
      await increase(api, name, hours);
    }

    await api.put(name, 'record');

    expect((await batchesOf(shard)).map(keptHours)).toEqual([kept]);
  });

  it('[E2] keeps the seal of a closed shard, and lets it expire once its stream is deleted', async () => {
    const { clock, name, api, shard } = await streamOf();
    await api.put(name, 'old');
    let raced = false;
    const racing = new ApiInstance(store.endpoint, clock, async (command, { Item }) => {
      if (command === 'PutItem' && Item.kind === 'seal' && !raced) {
        raced = true;
        await api.put(name, 'faster');
      }
      return 'pass' as const;
    });
    const NewStartingHashKey = (HASH_KEY_SPACE / 2n).toString();
    await splitShard.handle({ StreamName: name, ShardToSplit: '0', NewStartingHashKey }, api.deps);
    await racing.carryOut(api.executions.splice(0)[0] as never);
    const closed = await batchesOf(shard);
    await deleteStream.handle({ StreamName: name }, api.deps);
    await api.finish();

    const expiring = (batches: Batch[]) => batches.map(({ kind, ttl }) => [kind, ttl !== undefined]);

    expect(expiring(closed).slice(-2)).toEqual([
      ['fill', false],
      ['seal', false],
    ]);
    for (const shardIndex of [0, 1, 2]) {
      const left = await batchesOf({ ...shard, shardIndex });
      expect(left.filter(({ ttl }) => ttl === undefined)).toEqual([]);
      expect(left.at(-1)?.kind).toBe('seal');
    }
  });

  it('[E2] lets the fill that broke a chain expire with its stream, though readers have filled all above it', async () => {
    const { clock, name, api, shard } = await streamOf();
    await api.put(name, '1');
    await putBatch(store.tables, shard, { ...sealAt(12, clock.now()), ahead: true });
    await sealShard(store.tables, shard, { now: clock.now, writer: 'sealer' });
    clock.pass(5_000);
    await api.readAll(name);
    expect((await batchesOf(shard)).filter(({ ttl }) => ttl === undefined).map(({ kind }) => kind)).toEqual([
      'fill',
      'seal',
    ]);

    await deleteStream.handle({ StreamName: name }, api.deps);
    await api.finish();

    expect((await batchesOf(shard)).filter(({ ttl }) => ttl === undefined)).toEqual([]);
  });

  it('[E3] brings nothing back that was over when the period was increased', async () => {
    const { clock, name, api } = await streamOf();
    await api.put(name, 'over');
    clock.pass(2 * HOUR_MS);
    await api.put(name, 'kept');
    clock.pass(22.5 * HOUR_MS);
    await increase(api, name, 48);
    await api.finish();

    expect(await api.readAll(name)).toEqual(['kept']);
    clock.pass(23 * HOUR_MS);
    await expire(clock);
    expect(await api.readAll(name)).toEqual(['kept']);
  });

  it('[E3] hides by a decrease what a later increase does not bring back', async () => {
    const { clock, name, api } = await streamOf();
    await increase(api, name, 48);
    await api.put(name, 'over by the decrease');
    clock.pass(30 * HOUR_MS);
    await api.put(name, 'young');
    await decrease(api, name, 24);
    await increase(api, name, 72);

    expect(await api.readAll(name)).toEqual(['young']);
  });

  it('[E4] waits until nobody acknowledges by the old period any more', async () => {
    const { clock, name, api, shard } = await streamOf();
    await api.put(name, 'before');
    const askedMs = clock.now();
    await increase(api, name, 48);
    const [task] = api.executions;

    expect(Date.parse(task?.notBefore ?? '') - askedMs).toBeGreaterThanOrEqual(70_000);
    await api.finish();
    expect((await batchesOf(shard)).map(keptHours)).toEqual([49]);
    expect((await api.stream(name)).expiryRewrite).toBeUndefined();
  });

  it('[E4] counts the wait from when a step has read the longer period, however late that was written', async () => {
    const { clock, name, api, shard, instance } = await streamOf();
    await api.put(name, 'record');
    let raced = false;
    const slow = instance((command, { TableName }) => {
      if (command === 'UpdateItem' && TableName?.endsWith('streams') && !raced) {
        raced = true;
        clock.pass(600_000);
      }
      return 'pass';
    });
    await increase(slow, name, 48);
    const [task] = slow.executions.splice(0) as [NonNullable<(typeof slow.executions)[0]>];

    const { done, ...next } = await advance(task, api.deps);

    expect(Date.parse(task.notBefore)).toBeLessThan(clock.now());
    expect(done).toBe(false);
    expect(Date.parse(next.notBefore) - clock.now()).toBeGreaterThanOrEqual(70_000);
    expect((await batchesOf(shard)).map(keptHours)).toEqual([25]);
    await api.carryOut(next);
    expect((await batchesOf(shard)).map(keptHours)).toEqual([49]);
  });

  it('[E5] comes on with each step, however long it takes to find where to begin', async () => {
    const { clock, name, api, shard, instance } = await streamOf();
    await api.put(name, 'record');
    await increase(api, name, 48);
    const slow = instance((command, { TableName }) => {
      // One query represents the queries of some hundred shards.
      clock.pass(command === 'Query' && TableName?.endsWith('records') ? 25_000 : 0);
      return 'pass';
    });

    await slow.carryOut(api.executions.splice(0)[0] as never);

    expect((await batchesOf(shard)).map(keptHours)).toEqual([49]);
  });

  it('[E5] moves the oldest first, across shards: expiry never overtakes a run of whatever length', async () => {
    const { clock, name, api, shard } = await streamOf(2);
    const counts = [400, 40];
    const startMs = clock.now() - 23.9 * HOUR_MS;
    for (const [shardIndex, count] of counts.entries()) {
      await putEvenly({ ...shard, shardIndex }, count, startMs, 23.9 * HOUR_MS);
    }
    await increase(api, name, 48);
    const slow = new ApiInstance(store.endpoint, clock, (command, { TableName }) => {
      if (command === 'UpdateItem' && TableName?.endsWith('records')) {
        // One batch represents some thousands. So the run takes longer than the hour that everything is kept beyond
        // its retention.
        clock.pass(10_000);
      }
      return 'pass';
    });
    const begunMs = clock.now();
    let next = api.executions.splice(0)[0] as NonNullable<(typeof api.executions)[0]>;
    for (let done = false; !done; ) {
      ({ done, ...next } = await advance(next, slow.deps));
      await expire(clock);
    }

    expect(clock.now() - begunMs).toBeGreaterThan(HOUR_MS);
    for (const [shardIndex, count] of counts.entries()) {
      const left = await batchesOf({ ...shard, shardIndex });
      expect(left).toHaveLength(count);
      expect(new Set(left.map(keptHours))).toEqual(new Set([49]));
    }
  });

  it('[E5] passes no batch, however many pages a log has', async () => {
    const { clock, name, api, shard } = await streamOf();
    await putEvenly(shard, 450, clock.now() - HOUR_MS, HOUR_MS);
    await increase(api, name, 48);

    await api.finish();

    expect(new Set((await batchesOf(shard)).map(keptHours))).toEqual(new Set([49]));
  });

  it('[E6] moves chunks before their batch', async () => {
    const { name, api, instance } = await streamOf();
    await api.put(name, incompressible(700_000));
    await increase(api, name, 48);
    const moved: string[] = [];
    const watching = instance((command, input) => {
      if (command === 'UpdateItem' && input.TableName?.endsWith('records')) {
        const { Key } = input as unknown as { readonly Key: { readonly pk: string; readonly sk: number } };
        moved.push(Key.pk.split('#').length === 3 ? `chunk ${Key.sk}` : `batch ${Key.sk}`);
      }
      return 'pass';
    });

    await watching.carryOut(api.executions.splice(0)[0] as never);

    expect(moved.slice(0, 2).sort()).toEqual(['chunk 0', 'chunk 1']);
    expect(moved.slice(2)).toEqual(['batch 1']);
  });

  it('[E6] keeps chunks for as long as the batch that names them', async () => {
    const { clock, name, api, shard } = await streamOf();
    await api.put(name, incompressible(700_000));
    await increase(api, name, 48);
    await api.finish();
    const [batch] = await batchesOf(shard);
    const { Item } = await store.tables.client.get({
      TableName: store.tables.records,
      Key: { pk: chunkPartition(shard, batch?.writer ?? ''), sk: 1 },
    });

    expect(Item?.ttl).toBeGreaterThanOrEqual(batch?.ttl ?? Number.POSITIVE_INFINITY);
    clock.pass(47.9 * HOUR_MS);
    await expire(clock);
    expect((await api.readAll(name))[0]).toHaveLength(700_000);
  });

  it('[E6] keeps no batch for longer of which a chunk is gone', async () => {
    const { clock, name, api, shard } = await streamOf();
    await api.put(name, incompressible(700_000));
    const [batch] = await batchesOf(shard);
    clock.pass(23.9 * HOUR_MS);
    const Key = { pk: chunkPartition(shard, batch?.writer ?? ''), sk: 0 };
    await store.tables.client.delete({ TableName: store.tables.records, Key });
    await increase(api, name, 48);
    await api.finish();

    expect(await batchesOf(shard)).toEqual([batch]);
  });

  it('[E7] has one run for a stream, which makes another pass for what was asked meanwhile', async () => {
    const { clock, name, api, shard } = await streamOf();
    await api.put(name, 'record');
    await increase(api, name, 48);
    const [task] = api.executions.splice(0) as [NonNullable<(typeof api.executions)[0]>];
    const { done: _dated, ...first } = await advance(task, api.deps);
    let lastMs = 0;
    for (const hours of [49, 50, 73, 100]) {
      clock.pass(1_000);
      lastMs = clock.now();
      await increase(api, name, hours);
    }

    expect(api.executions).toEqual([]);
    const { done, ...second } = await advance(first, api.deps);
    expect(done).toBe(false);
    expect(Date.parse(second.notBefore)).toBeGreaterThanOrEqual(lastMs + 70_000);
    // A second execution of the first pass waits for the second pass, too.
    expect(await advance(first, api.deps)).toEqual({ done, ...second });
    clock.pass(1_000);
    const { done: _done, ...dated } = await advance(second, api.deps);
    expect(await advance(first, api.deps)).toEqual({ done, ...dated });
    await api.carryOut(dated);
    expect((await batchesOf(shard)).map(keptHours)).toEqual([121]);
    expect((await api.stream(name)).expiryRewrite).toBeUndefined();
  });

  it('[E7] loses no increase that comes while the end of a pass is written', async () => {
    const { name, api, shard, instance } = await streamOf();
    await api.put(name, 'record');
    await increase(api, name, 48);
    let raced = false;
    const racing = instance(async (command, { TableName }) => {
      if (command === 'UpdateItem' && TableName?.endsWith('streams') && !raced) {
        raced = true;
        await increase(api, name, 96);
      }
      return 'pass' as const;
    });

    await racing.carryOut(api.executions.splice(0)[0] as never);

    expect((await batchesOf(shard)).map(keptHours)).toEqual([97]);
  });

  it('[E7] does not end a later pass by a step of an earlier one', async () => {
    const { name, api, shard, instance } = await streamOf();
    await api.put(name, 'record');
    await increase(api, name, 48);
    const { done: _dated, ...first } = await advance(api.executions.splice(0)[0] as never, api.deps);
    /** Lets something happen before a step writes its progress. */
    const interrupted = (happen: () => Promise<void>) => {
      let raced = false;
      return instance(async (command, { TableName }) => {
        if (command === 'UpdateItem' && TableName?.endsWith('streams') && !raced) {
          raced = true;
          await happen();
        }
        return 'pass' as const;
      });
    };
    const other = interrupted(async () => {
      await increase(api, name, 96);
    });
    let second = first;
    const slow = interrupted(async () => {
      const { done: _done, ...next } = await advance(first, other.deps);
      second = next;
    });

    expect(await advance(first, slow.deps)).toMatchObject({ done: false });
    await api.carryOut(second);

    expect((await batchesOf(shard)).map(keptHours)).toEqual([97]);
  });

  it('[E7] moves nothing again by increases within a day: each costs reads only', async () => {
    const { name, api, instance } = await streamOf();
    await api.put(name, 'record');
    let moves = 0;
    const counting = instance((command, { TableName }) => {
      moves += command === 'UpdateItem' && TableName?.endsWith('records') ? 1 : 0;
      return 'pass';
    });

    for (let hours = 25; hours <= 48; hours++) {
      await increase(api, name, hours);
      await counting.carryOut(api.executions.splice(0)[0] as never);
    }

    expect(moves).toBe(1);
  });

  const sealAt = (position: number, arrivalMs: number) => ({
    kind: 'seal' as const,
    position,
    arrivalMs,
    beforeMs: arrivalMs,
    writer: 'another sealer',
    countedSecond: 0,
    secondRecords: 0,
    secondBytes: 0,
  });

  /** Puts batches whose arrival times have even distances. */
  async function putEvenly(shard: ShardReference, count: number, startMs: number, spanMs: number): Promise<void> {
    const body = packRecords([logRecord({ partitionKey: 'k', data: Buffer.from('record') })]);
    for (let from = 0; from < count; from += 50) {
      await Promise.all(
        Array.from({ length: Math.min(50, count - from) }, (_, i) => {
          const arrivalMs = startMs + ((from + i) / count) * spanMs;
          return putBatch(store.tables, shard, {
            kind: 'data',
            position: from + i + 1,
            arrivalMs,
            beforeMs: arrivalMs,
            writer: `${from + i}`,
            recordCount: 1,
            ttl: expirySeconds(arrivalMs, 24 * HOUR_MS),
            countedSecond: 0,
            secondRecords: 0,
            secondBytes: 0,
            body,
          });
        }),
      );
    }
  }
});
