import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealShard } from '../../lib/log/seal.ts';
import { HASH_KEY_SPACE } from '../../lib/model/hash-key.ts';
import { parseSequenceNumber } from '../../lib/model/sequence-number.ts';
import { putRecords } from '../../lib/operations/records/put-records.ts';
import { listShards } from '../../lib/operations/shards/list-shards.ts';
import { mergeShards } from '../../lib/operations/shards/merge-shards.ts';
import { splitShard } from '../../lib/operations/shards/split-shard.ts';
import { deleteStream } from '../../lib/operations/streams/delete-stream.ts';
import { increaseStreamRetentionPeriod } from '../../lib/operations/streams/increase-stream-retention-period.ts';
import { queryBatches } from '../../lib/store/batch-item.ts';
import { closeShard } from '../../lib/store/shard-item.ts';
import { advance } from '../../lib/workflows/advance.ts';
import { openShard, writePendingShard } from '../../lib/workflows/open-shard.ts';
import { ApiInstance, faultOf } from '../support/api-instance.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { type FaultPlan, gate } from '../support/faulty-tables.ts';
import { pushedEvents } from '../support/pushed-events.ts';
import { getTail, TestLog } from '../support/shard-log.ts';
import { TestClock } from '../support/test-clock.ts';

const HALF = (HASH_KEY_SPACE / 2n).toString();
const LOWER = { ExplicitHashKey: '0' };
const UPPER = { ExplicitHashKey: HALF };

let names = 0;

describe.each(storeChoices())('the rules of resharding on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  /** Processes that share a clock. It is always near the end of a second, so that reshards need not wait for that. */
  function processes() {
    const clock = new TestClock();
    clock.passToMillisecond(960);
    const name = `resharded-${choice.name}-${names++}`;
    return { clock, name, instance: (plan?: FaultPlan) => new ApiInstance(store.endpoint, clock, plan) };
  }

  const split = async (api: ApiInstance, StreamName: string, ShardToSplit = '0', NewStartingHashKey = HALF) => {
    await splitShard.handle({ StreamName, ShardToSplit, NewStartingHashKey }, api.deps);
  };

  describe('opening what is new', () => {
    /** The next step must not remove what a step has left behind. So its process stops before it closes a tail. */
    const diesBeforeClosing = (input: object) =>
      (input as { ReturnValues?: string }).ReturnValues === 'ALL_NEW' ? ('crash' as const) : ('pass' as const);

    it.each([
      ['tail', 'streams', (Item: { sk: string }) => Item.sk === 'TAIL'],
      ['shard', 'streams', (Item: { pk: string }) => Item.pk.startsWith('SHARD#')],
    ] as const)(
      '[H1] gives a deleted stream no shard that takes records, though the put of its %s comes late',
      async (_what, table, matches) => {
        const { name, instance } = processes();
        const putting = gate('PutItem', table);
        const slow = instance((command, input) =>
          command === 'PutItem' && matches(input.Item) ? putting.plan(command, input) : diesBeforeClosing(input),
        );
        const other = instance();
        const creation = slow.create(name).catch(() => undefined);
        await putting.reached;
        const { id } = await other.stream(name);
        await deleteStream.handle({ StreamName: name }, other.deps);
        await other.finish();
        putting.open();
        await creation;

        const tail = await getTail(store.tables, { streamId: id, shardIndex: 0 });

        expect(tail?.shardState ?? 'gone').not.toBe('OPEN');
      },
    );

    it('[H1] opens no child of a stream that was deleted while the step stood still', async () => {
      const { name, instance } = processes();
      const api = instance();
      const { id } = await api.create(name);
      const putting = gate('PutItem', 'streams');
      const slow = instance((command, input) =>
        command === 'PutItem' ? putting.plan(command, input) : diesBeforeClosing(input),
      );
      await split(api, name);
      const [task] = api.executions;
      const splitting = slow.carryOut(task as NonNullable<typeof task>).catch(() => undefined);
      await putting.reached;
      await api.finish();
      await deleteStream.handle({ StreamName: name }, api.deps);
      await api.finish();
      putting.open();
      await splitting;

      for (const shardIndex of [1, 2]) {
        const tail = await getTail(store.tables, { streamId: id, shardIndex });
        expect(tail?.shardState ?? 'gone').not.toBe('OPEN');
      }
    });

    it('[H2] lets a child take nothing before its parents are sealed', async () => {
      const { name, instance } = processes();
      const api = instance();
      const { id } = await api.create(name);
      const child = new TestLog(store.tables, { streamId: id, shardIndex: 1 });
      const outcomes: unknown[] = [];
      const watching = instance(async (command, { Item }) => {
        if (command === 'PutItem' && Item.kind === 'seal') {
          outcomes.push(await child.writer().append('too early'));
        }
        return 'pass' as const;
      });
      await split(api, name);

      await watching.carryOut(api.executions.splice(0)[0] as never);

      expect(outcomes).toEqual([{ kind: 'closed' }]);
      expect(await child.writer().append('after')).toMatchObject({ kind: 'appended' });
    });

    it('[H5] opens no closed shard again, and sets no tail back, when a step is repeated late', async () => {
      const { name, instance } = processes();
      const api = instance();
      const { id } = await api.create(name);
      await split(api, name);
      await api.finish();
      await api.put(name, 'in the child', LOWER);
      const { tables } = api;
      const child = { streamId: id, shardIndex: 1 };
      const [parent, lower] = await api.shards(name);
      const before = await getTail(tables, child);

      for (const shard of [parent, lower]) {
        const { state: _state, ...pending } = shard as NonNullable<typeof shard>;
        await writePendingShard(id, { ...pending, createdSeconds: 0 }, 0, api.deps);
        await openShard(id, pending.index, 1, api.deps);
      }

      expect((await api.shards(name)).slice(0, 2)).toEqual([parent, lower]);
      expect(await getTail(tables, child)).toEqual(before);
      expect((await getTail(tables, { streamId: id, shardIndex: 0 }))?.shardState).toBe('CLOSED');
    });
  });

  describe('closing', () => {
    /** A sealer. The chain grows before each of its first puts. Then it holds back the put that would succeed. */
    function racingSealer(writer: ApiInstance, name: string) {
      const held = gate('PutItem', 'records');
      const grown = [['one'], ['two', 'three'], []];
      const plan: FaultPlan = async (command, input) => {
        if (command !== 'PutItem' || input.Item.kind !== 'seal') {
          return 'pass';
        }
        for (const text of grown.shift() ?? []) {
          await writer.put(name, text);
        }
        return grown.length === 0 ? held.plan(command, input) : 'pass';
      };
      return { plan, held };
    }

    it('[H3] closes a shard once, however its step runs twice at once', async () => {
      const { clock, name, instance } = processes();
      const writer = instance();
      const other = instance();
      await other.create(name);
      await writer.put(name, 'old');
      const { plan, held } = racingSealer(writer, name);
      await split(other, name);
      const [task] = other.executions.splice(0);
      const slow = instance(plan).carryOut(task as NonNullable<typeof task>);
      await held.reached;
      clock.pass(20_000);
      const beforeMs = clock.now();
      await writer.put(name, 'acknowledged by the chain');
      clock.pass(15_000);
      await other.carryOut(task as NonNullable<typeof task>);
      const [closedOnce] = await other.shards(name);
      clock.pass(3_000);
      held.open();
      await slow;

      const [parent, lower, upper] = await other.shards(name);
      const streamId = (await other.stream(name)).id;
      const { batches } = await queryBatches(other.tables, { streamId, shardIndex: 0 }, 1, {
        limit: 50,
        consistent: true,
      });

      expect(parent).toEqual(closedOnce);
      expect(batches.filter(({ kind }) => kind === 'seal')).toHaveLength(1);
      expect(lower?.createdSeconds).toBe((parent?.closedSeconds ?? 0) + 1);
      expect(upper?.createdSeconds).toBe((parent?.closedSeconds ?? 0) + 1);
      const ShardFilter = { Type: 'FROM_TIMESTAMP' as const, Timestamp: beforeMs };
      const { Shards } = await listShards.handle({ StreamName: name, ShardFilter }, other.deps);
      expect(Shards?.map(({ ShardId }) => ShardId)).toContain('shardId-000000000000');
    });

    it('[H3] closes a shard no earlier than its last record, though its chain grew meanwhile', async () => {
      const { clock, name, instance } = processes();
      const writer = instance();
      const api = instance();
      await api.create(name);
      await writer.put(name, 'old');
      let seals = 0;
      let last = '';
      const racing = instance(async (command, { Item }) => {
        if (command === 'PutItem' && Item.kind === 'seal' && ++seals <= 3) {
          clock.pass(seals === 1 ? 0 : 1_200);
          last = await writer.put(name, `late ${seals}`);
        }
        return 'pass' as const;
      });
      await split(api, name);

      await racing.carryOut(api.executions.splice(0)[0] as never);

      const [parent] = await api.shards(name);
      expect(parent?.closedSeconds).toBeGreaterThanOrEqual(parseSequenceNumber(last)?.timeSeconds ?? Infinity);
      // A reader that begins at that time finds the shard, and gets the record.
      const arrivalMs = (parseSequenceNumber(last)?.timeSeconds ?? 0) * 1_000;
      clock.pass(3_000);
      const iterator = await api.iterator(name, 'AT_TIMESTAMP', { Timestamp: arrivalMs });
      expect((await api.read(iterator)).texts.at(-1)).toBe(`late ${seals}`);
    });

    it('[H3] closes both parents of a merge in the same second, not before the end of either', async () => {
      const { clock, name, instance } = processes();
      const fastClock = new TestClock();
      const api = instance();
      const { id } = await api.create(name, 2);
      fastClock.pass(clock.now() - fastClock.now() + 5_000);
      const fast = new ApiInstance(store.endpoint, fastClock);
      await api.put(name, 'lower', LOWER);
      const upper = await fast.put(name, 'by a clock that is ahead', UPPER);
      await mergeShards.handle({ StreamName: name, ShardToMerge: '0', AdjacentShardToMerge: '1' }, api.deps);

      await api.finish();

      const [first, second, child] = await api.shards(name);
      expect(first?.closedSeconds).toBe(second?.closedSeconds);
      expect(first?.closedSeconds).toBeGreaterThanOrEqual(parseSequenceNumber(upper)?.timeSeconds ?? Infinity);
      expect(child?.createdSeconds).toBe((first?.closedSeconds ?? 0) + 1);
      expect(child).toMatchObject({ parentIndex: 0, adjacentParentIndex: 1 });
      expect((await getTail(store.tables, { streamId: id, shardIndex: 2 }))?.shardState).toBe('OPEN');
    });

    it('[H3] stands by the second that was written first', async () => {
      const { name, instance } = processes();
      const api = instance();
      const { id } = await api.create(name);

      expect(await closeShard(api.tables, id, 0, 2_000_000_000)).toBe(2_000_000_000);
      expect(await closeShard(api.tables, id, 0, 2_000_000_007)).toBe(2_000_000_000);
      expect(await api.shards(name)).toMatchObject([{ state: 'CLOSED', closedSeconds: 2_000_000_000 }]);
      expect(await closeShard(api.tables, id, 1, 2_000_000_000)).toBeUndefined();
    });

    it('[R12] tells readers of both parents of a merge of their child', async () => {
      const { clock, name, instance } = processes();
      const api = instance();
      await api.create(name, 2);
      await mergeShards.handle({ StreamName: name, ShardToMerge: '0', AdjacentShardToMerge: '1' }, api.deps);
      await api.finish();
      clock.pass(6_000);

      for (const ShardId of ['0', '1']) {
        const { children, next } = await api.read(await api.iterator(name, 'TRIM_HORIZON', { ShardId }));
        expect([children, next]).toEqual([['shardId-000000000002'], undefined]);
      }
    });

    it('[H4] creates children one second after the second that was written first, whoever finishes', async () => {
      const { clock, name, instance } = processes();
      const api = instance();
      await api.create(name);
      const opening = gate('UpdateItem', 'streams');
      let updates = 0;
      const dying = instance((command, input) => {
        const isOpening = command === 'UpdateItem' && input.TableName?.endsWith('streams') && ++updates > 3;
        return isOpening ? opening.plan(command, input) : 'pass';
      });
      await split(api, name);
      const [task] = api.executions.splice(0);
      const slow = dying.carryOut(task as NonNullable<typeof task>);
      await opening.reached;
      const [closed] = await api.shards(name);
      clock.pass(40_000);
      await api.carryOut(task as NonNullable<typeof task>);
      opening.open();
      await slow;

      const [parent, ...children] = await api.shards(name);

      expect(closed?.state).toBe('CLOSED');
      expect(parent).toEqual(closed);
      expect(children.map(({ createdSeconds }) => createdSeconds)).toEqual(
        Array(2).fill((closed?.closedSeconds ?? 0) + 1),
      );
    });
  });

  describe('reading on', () => {
    it('[R12] sends no reader of a deleted stream to the children of another one of its name', async () => {
      const { clock, name, instance } = processes();
      const reader = instance();
      const api = instance();
      await api.create(name);
      await api.put(name, 'of the first');
      const first = await reader.read(await reader.iterator(name, 'TRIM_HORIZON'));
      await deleteStream.handle({ StreamName: name }, api.deps);
      await api.finish();
      await api.create(name);
      await api.put(name, 'acknowledged by the second');
      await split(api, name);
      await api.finish();
      clock.pass(1_000);

      const rest = await reader.read(first.next ?? '');

      expect(rest).toMatchObject({ texts: [], children: [] });
      expect(await faultOf(reader.read(rest.next ?? ''))).toBe('ResourceNotFoundException');
    });

    it('[R10] finds the horizon by the retention period as it was when it was read: an increase may have come since', async () => {
      const { clock, name, instance } = processes();
      const api = instance();
      await api.create(name);
      await api.put(name, 'kept');
      clock.pass(24 * 3_600_000 - 20_000);
      await api.put(name, 'young');
      let raced = false;
      const slow = instance(async (_command, { Key }) => {
        // The slow process has read the stream by then.
        if (Key?.pk.startsWith('SHARD#') && !raced) {
          raced = true;
          const longer = { StreamName: name, RetentionPeriodHours: 48 };
          await increaseStreamRetentionPeriod.handle(longer, api.deps);
          clock.pass(28_000);
        }
        return 'pass' as const;
      });

      const iterator = await slow.iterator(name, 'TRIM_HORIZON');

      expect(raced).toBe(true);
      expect((await api.read(iterator)).texts).toEqual(['kept', 'young']);
    });

    /** Records before and after a time. Before it, there is also the gap of a writer that is still under way. */
    async function holeBeforeTime() {
      const { clock, name, instance } = processes();
      const api = instance();
      const { id } = await api.create(name);
      const log = new TestLog(store.tables, { streamId: id, shardIndex: 0 });
      Object.defineProperty(log, 'now', { value: clock.now });
      await log.writer().append('before');
      const held = gate('PutItem', 'records');
      const slow = new ApiInstance(store.endpoint, clock, held.plan, { GUESSING: 'off' });
      const onItsWay = slow.put(name, 'on its way').catch(() => undefined);
      await held.reached;
      await log.writer().append('before, too');
      clock.pass(300);
      const timestampMs = clock.now();
      clock.pass(300);
      await log.writer().append('after');
      const end = async () => {
        held.open();
        await onItsWay;
      };
      return { clock, name, api, timestampMs, end };
    }

    it('[R11] remembers the time from which it reads from one call to the next, until it is given a record', async () => {
      const { clock, name, api, timestampMs, end } = await holeBeforeTime();
      const first = await api.read(await api.iterator(name, 'AT_TIMESTAMP', { Timestamp: timestampMs }));
      clock.pass(2_000);

      const second = await api.read(first.next ?? '');

      expect(first.texts).toEqual([]);
      expect(second.texts).toEqual(['after']);
      await end();
    });

    it('[R11] remembers the time from which it is pushed to, until it is given a record', async () => {
      const { clock, name, api, timestampMs, end } = await holeBeforeTime();
      const events = pushedEvents(api, name, { type: 'AT_TIMESTAMP', timestampMs });
      const first = await events.next();
      clock.pass(2_000);

      const second = await events.next();

      const textsOf = (event: typeof first) =>
        (event.value?.Records ?? []).map(({ Data }) => Buffer.from(Data).toString());
      expect([textsOf(first), textsOf(second)]).toEqual([[], ['after']]);
      await events.return();
      await end();
    });
  });

  it('tells of each record that found no open shard, beside those that did', async () => {
    const { name, instance } = processes();
    const { id } = await instance().create(name, 2);
    let isLoaded = false;
    const api = instance((command) => (isLoaded && command === 'GetItem' ? 'throttled' : 'pass'));
    await api.put(name, 'the stream is remembered', UPPER);
    await sealShard(store.tables, { streamId: id, shardIndex: 0 }, { now: api.deps.now, writer: 'sealer' });
    isLoaded = true;
    const record = { PartitionKey: 'key', Data: Buffer.from('x') };
    const Records = [
      { ...record, ...LOWER },
      { ...record, ...UPPER },
      { ...record, ...LOWER },
    ];

    const answer = await putRecords.handle({ StreamName: name, Records }, api.deps);

    expect(answer.FailedRecordCount).toBe(2);
    expect(answer.Records.map((entry) => entry.ErrorCode ?? entry.ShardId)).toEqual([
      'InternalFailure',
      'shardId-000000000001',
      'InternalFailure',
    ]);
  });

  it('starts again what is stuck for whoever puts or reads: not everybody describes streams', async () => {
    const { clock, name, instance } = processes();
    const api = instance();
    await api.create(name);
    await api.put(name, 'record');
    const iterator = await api.iterator(name, 'TRIM_HORIZON');
    await increaseStreamRetentionPeriod.handle({ StreamName: name, RetentionPeriodHours: 48 }, api.deps);
    const [lost] = api.executions.splice(0);
    clock.pass(120_000);

    await api.put(name, 'record');
    const byPut = api.executions.splice(0);
    clock.pass(1_000);
    await api.read(iterator);
    const byRead = api.executions.splice(0);

    expect([byPut, byRead]).toEqual([[lost], [lost]]);
  });

  it('removes no shard of an id that a stream has, whatever name a task gives it', async () => {
    const { name, instance } = processes();
    const api = instance();
    const { id } = await api.create(name, 2);

    await api.carryOut({ streamName: 'nobody', streamId: id, runId: 'made up', notBefore: '' });

    expect(await api.shards(name)).toMatchObject([{ state: 'OPEN' }, { state: 'OPEN' }]);
    await api.put(name, 'record');
  });

  it('takes a step of a transition that has ended for done', async () => {
    const { name, instance } = processes();
    const api = instance();
    await api.create(name);
    await split(api, name);
    const [task] = api.executions;
    await api.finish();

    expect(await advance(task as NonNullable<typeof task>, api.deps)).toMatchObject({ done: true });
    expect(await api.shards(name)).toHaveLength(3);
  });
});
