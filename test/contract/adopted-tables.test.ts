import { afterEach, describe, expect, it } from 'vitest';
import { HASH_KEY_SPACE } from '../../lib/model/hash-key.ts';
import { splitShard } from '../../lib/operations/shards/split-shard.ts';
import { describeStreamSummary } from '../../lib/operations/streams/describe-stream-summary.ts';
import { increaseStreamRetentionPeriod } from '../../lib/operations/streams/increase-stream-retention-period.ts';
import { areAdopted } from '../../lib/store/tables-item.ts';
import { adoptTables } from '../../lib/workflows/adopt-tables.ts';
import { sweep } from '../../local/expired-items.ts';
import { ApiInstance } from '../support/api-instance.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { incompressible, newId } from '../support/shard-log.ts';
import { TestClock } from '../support/test-clock.ts';

const MINUTE_MS = 60_000;
const HALF = (HASH_KEY_SPACE / 2n).toString();

type Items = Record<string, unknown>[];

/** The moments at which the two tables were saved: before and after a split, and puts around it. */
type Moment = 'early' | 'middle' | 'late';

interface Saved {
  readonly streams: Items;
  readonly records: Items;
}

let names = 0;

describe.each(storeChoices())('tables that were restored on $name', (choice: StoreChoice) => {
  const opened: TestStore[] = [];

  afterEach(async () => {
    for (const store of opened.splice(0)) {
      await store.close();
    }
  });

  const open = async () => {
    const store = await choice.open();
    opened.push(store);
    return store;
  };

  async function itemsOf(store: TestStore, TableName: string): Promise<Items> {
    const items: Items = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await store.tables.client.scan({
        TableName,
        ConsistentRead: true,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      });
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return items;
  }

  const save = async (store: TestStore): Promise<Saved> => ({
    streams: await itemsOf(store, store.tables.streams),
    records: await itemsOf(store, store.tables.records),
  });

  const histories = new Map<string, ReturnType<typeof makeHistory>>();

  /** A history that goes on after its last saved moment. It is made once for each way of claiming positions. */
  function history(environment: { readonly GUESSING: 'on' | 'off' }) {
    const made = histories.get(environment.GUESSING) ?? makeHistory(environment);
    histories.set(environment.GUESSING, made);
    return made;
  }

  async function makeHistory(environment: Record<string, string>) {
    const store = await open();
    const clock = new TestClock();
    const api = new ApiInstance(store.endpoint, clock, undefined, environment);
    const name = `restored-${choice.name}-${names++}`;
    await api.create(name, 1);
    const given: { shard: string; sequenceNumber: string }[] = [];
    const put = async (text: string) => {
      clock.pass(500);
      const { ShardId, SequenceNumber } = await putOf(api, name, text);
      given.push({ shard: ShardId, sequenceNumber: SequenceNumber });
    };
    const saved: Partial<Record<Moment, Saved>> = {};
    for (const moment of ['early', 'middle', 'late'] as const) {
      await put(`${moment} 1`);
      await put(`${moment} 2`);
      saved[moment] = await save(store);
      if (moment === 'early') {
        await splitShard.handle({ StreamName: name, ShardToSplit: '0', NewStartingHashKey: HALF }, api.deps);
        await api.finish();
      }
      await put(`${moment} 3`);
      clock.pass(MINUTE_MS);
    }
    for (let lost = 0; lost < 5; lost++) {
      await put(`lost ${lost}`);
    }
    return { clock, name, given, saved: saved as Record<Moment, Saved> };
  }

  async function putOf(api: ApiInstance, StreamName: string, text: string) {
    const { putRecord } = await import('../../lib/operations/records/put-record.ts');
    return putRecord.handle(
      { StreamName, PartitionKey: 'key', ExplicitHashKey: '0', Data: Buffer.from(text) } as never,
      api.deps,
    );
  }

  /** New tables with what was saved. */
  async function restore(streams: Saved, records: Saved): Promise<TestStore> {
    const store = await open();
    for (const Item of streams.streams) {
      await store.tables.client.put({ TableName: store.tables.streams, Item });
    }
    for (const Item of records.records) {
      await store.tables.client.put({ TableName: store.tables.records, Item });
    }
    return store;
  }

  const MOMENTS = ['early', 'middle', 'late'] as const;
  const cases = MOMENTS.flatMap((streams) =>
    MOMENTS.flatMap((records) => (['on', 'off'] as const).map((GUESSING) => ({ streams, records, GUESSING }))),
  );

  it.each(cases)(
    '[D1] go on above every position that was ever given out: streams of $streams, records of $records, guessing $GUESSING',
    async ({ streams, records, GUESSING }) => {
      const environment = { GUESSING };
      const { clock, name, given, saved } = await history(environment);
      const store = await restore(saved[streams], saved[records]);
      clock.pass(10 * MINUTE_MS);

      await adoptTables({ tables: store.tables, now: clock.now, newId });
      // It may be repeated, by an owner who is not sure.
      await adoptTables({ tables: store.tables, now: clock.now, newId });

      const api = new ApiInstance(store.endpoint, clock, undefined, environment);
      await settle(api, name);
      const texts: string[] = [];
      const numbers = new Map<string, bigint[]>();
      for (let number = 0; number < 4; number++) {
        clock.pass(200);
        const { ShardId, SequenceNumber } = await putOf(api, name, `new ${number}`);
        texts.push(`new ${number}`);
        numbers.set(ShardId, [...(numbers.get(ShardId) ?? []), BigInt(SequenceNumber)]);
      }
      const [shard] = [...numbers.keys()];
      const once = given.filter((earlier) => earlier.shard === shard);

      expect(numbers.size).toBe(1);
      for (const { sequenceNumber } of once) {
        expect(numbers.get(shard as string)?.every((fresh) => fresh > BigInt(sequenceNumber))).toBe(true);
      }
      // Consumers whose checkpoints are of records that the restored tables do not have.
      for (const { sequenceNumber } of once) {
        const seen = await drain(api, name, shard as string, {
          ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
          StartingSequenceNumber: sequenceNumber,
        });
        expect(seen.slice(-4)).toEqual(texts);
      }
      const all = await drain(api, name, shard as string, { ShardIteratorType: 'TRIM_HORIZON' });
      expect(all.slice(-4)).toEqual(texts);
      expect(all).toEqual([...new Set(all)]);
      expect(api.logged).toEqual([]);
    },
  );

  it('[D2] can be resharded, and every shard that is closed for its map comes to its end', async () => {
    const { clock, name, saved } = await history({ GUESSING: 'on' });
    for (const [streams, records] of [
      ['early', 'late'],
      ['late', 'early'],
      ['middle', 'early'],
    ] as const) {
      const store = await restore(saved[streams], saved[records]);
      clock.pass(MINUTE_MS);
      await adoptTables({ tables: store.tables, now: clock.now, newId });
      const api = new ApiInstance(store.endpoint, clock);
      await settle(api, name);
      await api.put(name, 'before', { ExplicitHashKey: '0' });
      const [lowest] = (await api.shards(name))
        .filter(({ state }) => state === 'OPEN')
        .sort((a, b) => (a.hashKeyRange.start < b.hashKeyRange.start ? -1 : 1));
      const NewStartingHashKey = ((lowest?.hashKeyRange.end ?? 0n) / 2n).toString();
      const ShardToSplit = String(lowest?.index);
      await splitShard.handle({ StreamName: name, ShardToSplit, NewStartingHashKey }, api.deps);
      await api.finish();
      await api.put(name, 'after', { ExplicitHashKey: '0' });

      for (const { index, state } of await api.shards(name)) {
        const end = await lastAnswer(api, name, String(index));
        expect(end.children.length > 0, `${streams} ${records} shard ${index}`).toBe(state === 'CLOSED');
      }
      const open = (await api.shards(name)).filter(({ state }) => state === 'OPEN');
      const read = await Promise.all(open.map(({ index }) => drain(api, name, String(index), TRIM_HORIZON)));
      expect(read.flat()).toContain('after');
      // [D3] The logs of shards that the restored map does not know are nobody's: no new shard takes one up.
      const made = open.filter(({ parentIndex }) => parentIndex === lowest?.index);
      const inMade = await Promise.all(made.map(({ index }) => drain(api, name, String(index), TRIM_HORIZON)));
      expect(inMade.flat()).toEqual(['after']);
    }
  });

  it('[D3] give a new shard an empty log, whatever the lost future had there', async () => {
    const { clock, name, saved } = await history({ GUESSING: 'on' });
    const store = await restore(saved.early, saved.late);
    await adoptTables({ tables: store.tables, now: clock.now, newId });
    const api = new ApiInstance(store.endpoint, clock);
    // The log of shard 0 has ended in the lost future: it is split anew.
    await settle(api, name);
    const open = (await api.shards(name)).filter(({ state }) => state === 'OPEN');
    const read = await Promise.all(open.map(({ index }) => drain(api, name, String(index), TRIM_HORIZON)));

    expect(open).toHaveLength(2);
    expect(read.flat()).toEqual([]);
  });

  it('[E4] keep what a longer retention period has kept, though the records are of before the increase', async () => {
    const store = await open();
    const clock = new TestClock();
    const api = new ApiInstance(store.endpoint, clock);
    const name = `kept-${choice.name}-${names++}`;
    await api.create(name);
    await api.put(name, 'kept');
    await api.put(name, incompressible(500_000));
    const early = await save(store);
    await increaseStreamRetentionPeriod.handle({ StreamName: name, RetentionPeriodHours: 168 }, api.deps);
    clock.pass(70_000);
    await api.finish();
    const restored = await restore(await save(store), early);

    await adoptTables({ tables: restored.tables, now: clock.now, newId });
    clock.pass(3 * 24 * 60 * MINUTE_MS);
    for (let from = await sweep(restored.tables, undefined, clock.now() / 1_000); from !== undefined; ) {
      from = await sweep(restored.tables, from, clock.now() / 1_000);
    }

    const read = await new ApiInstance(restored.endpoint, clock).readAll(name);
    expect(read.map(({ length }) => length)).toEqual([4, 500_000]);
  });

  it('take no request before they are prepared', async () => {
    const { clock, saved } = await history({ GUESSING: 'on' });
    const store = await restore(saved.early, saved.early);
    const adopted = () => new ApiInstance(store.endpoint, clock, undefined, { ADOPTED: 'on' }).deps.requireUsable();

    await expect(adopted()).rejects.toThrow('npx rivulet adopt --streams-table contract-streams');
    await adoptTables({ tables: store.tables, now: clock.now, newId });
    await adopted();
    expect(await areAdopted({ ...store.tables, records: 'another' })).toBe(false);
  });

  it('[D1] go on above an earlier adoption, which the tables of another restore do not know', async () => {
    const { clock, name, saved } = await history({ GUESSING: 'on' });
    const given: bigint[] = [];
    let last = '';
    for (const moment of ['late', 'late', 'late'] as const) {
      const store = await restore(saved[moment], saved[moment]);
      clock.pass(MINUTE_MS);
      await adoptTables({ tables: store.tables, now: clock.now, newId });
      const api = new ApiInstance(store.endpoint, clock);
      for (let number = 0; number < 4; number++) {
        const { ShardId, SequenceNumber } = await putOf(api, name, `again ${number}`);
        expect(given.every((earlier) => earlier < BigInt(SequenceNumber))).toBe(true);
        given.push(BigInt(SequenceNumber));
        if (number === 0 && last !== '') {
          const start = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: last };
          expect(await drain(api, name, ShardId, start)).toEqual(['again 0']);
        }
        last = SequenceNumber;
      }
    }
  });

  it('[D2] bring the new records to consumers that had seen the end of a shard, and to those that had not', async () => {
    const { clock, name, saved } = await history({ GUESSING: 'on' });
    const store = await restore(saved.early, saved.late);
    await adoptTables({ tables: store.tables, now: clock.now, newId });
    const api = new ApiInstance(store.endpoint, clock);
    await settle(api, name);
    await putOf(api, name, 'new');

    const end = await lastAnswer(api, name, '0');
    expect(end.children).toHaveLength(2);
    const read = await Promise.all(end.children.map((child) => drain(api, name, child, TRIM_HORIZON)));
    expect(read.flat()).toEqual(['new']);
    // What was in the parent is still there.
    expect(await drain(api, name, '0', TRIM_HORIZON)).toEqual(['early 1', 'early 2']);
  });

  it('[D3] give every new shard an empty log when a reshard was under way at the restored moment', async () => {
    const original = await open();
    const clock = new TestClock();
    const api = new ApiInstance(original.endpoint, clock);
    const name = `under-way-${choice.name}-${names++}`;
    await api.create(name, 1);
    await api.put(name, 'first');
    const split = (by: ApiInstance, ShardToSplit: string, NewStartingHashKey: bigint) =>
      splitShard.handle({ StreamName: name, ShardToSplit, NewStartingHashKey: String(NewStartingHashKey) }, by.deps);
    await split(api, '0', HASH_KEY_SPACE / 2n);
    const [task] = api.executions.splice(0);
    // The first step writes the children, and stops before it opens them.
    const stopped = new ApiInstance(original.endpoint, clock, (command, { Item }) =>
      command === 'PutItem' && Item?.kind === 'seal' ? 'crash' : 'pass',
    );
    await stopped.carryOut(task as never).catch(() => {});
    const streams = await save(original);
    await api.carryOut(task as never);
    await api.put(name, 'lost in a child', { ExplicitHashKey: '0' });
    for (let depth = 2n; depth <= 8n; depth *= 2n) {
      const lowest = (await api.shards(name)).find(
        ({ state, hashKeyRange }) => state === 'OPEN' && hashKeyRange.start === 0n,
      );
      await split(api, String(lowest?.index), HASH_KEY_SPACE / (2n * depth));
      await api.finish();
      await api.put(name, `lost ${depth}`, { ExplicitHashKey: '0' });
      await api.put(name, `lost beside ${depth}`, { ExplicitHashKey: String(HASH_KEY_SPACE / (2n * depth) + 1n) });
    }
    const restored = await restore(streams, await save(original));

    await adoptTables({ tables: restored.tables, now: clock.now, newId });
    clock.pass(MINUTE_MS);
    const after = new ApiInstance(restored.endpoint, clock);
    await settle(after, name);
    for (let part = 2n; part <= 8n; part *= 2n) {
      const highest = (await after.shards(name)).find(
        ({ state, hashKeyRange }) => state === 'OPEN' && hashKeyRange.end === HASH_KEY_SPACE - 1n,
      );
      await split(after, String(highest?.index), HASH_KEY_SPACE - HASH_KEY_SPACE / (2n * part));
      await after.finish();
    }
    await putOf(after, name, 'new');

    const made = (await after.shards(name)).filter(({ index }) => index > 0);
    const read = await Promise.all(made.map(({ index }) => drain(after, name, String(index), TRIM_HORIZON)));
    expect(made.length).toBeGreaterThan(6);
    expect(read.flat()).toEqual(['new']);
    expect(await drain(after, name, '0', TRIM_HORIZON)).toEqual(['first']);
  });

  /** The first call for a stream starts what an adoption has left to do. */
  async function settle(api: ApiInstance, StreamName: string): Promise<void> {
    await describeStreamSummary.handle({ StreamName }, api.deps);
    await api.finish();
    api.deps.catalog.forget(StreamName);
  }

  const TRIM_HORIZON = { ShardIteratorType: 'TRIM_HORIZON' };

  async function lastAnswer(api: ApiInstance, name: string, ShardId: string) {
    let answer = await api.read(await api.iterator(name, 'TRIM_HORIZON', { ShardId }));
    for (let pages = 0; pages < 20 && answer.next !== undefined; pages++) {
      answer = await api.read(answer.next);
    }
    return answer;
  }

  async function drain(api: ApiInstance, name: string, ShardId: string, start: object): Promise<string[]> {
    const { ShardIteratorType, ...more } = start as { ShardIteratorType: string };
    const texts: string[] = [];
    let iterator: string | undefined = await api.iterator(name, ShardIteratorType, { ShardId, ...more });
    for (let empty = 0; iterator !== undefined && empty < 3; ) {
      const answer = await api.read(iterator);
      texts.push(...answer.texts);
      empty = answer.texts.length === 0 ? empty + 1 : 0;
      iterator = answer.next;
    }
    return texts;
  }
});
