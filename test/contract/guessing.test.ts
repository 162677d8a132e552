import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latestPosition, positionAtTime } from '../../lib/log/locate.ts';
import { LEAP } from '../../lib/log/protocol.ts';
import { sealShard } from '../../lib/log/seal.ts';
import { type Batch, newestBatch, putBatch, queryBatches } from '../../lib/store/batch-item.ts';
import { batchPartition } from '../../lib/store/table.ts';
import { interceptCalls } from '../../lib/store/table-client.ts';
import { openTestTables, type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { Crashed, type FaultPlan, faultyTables, gate, once } from '../support/faulty-tables.ts';
import { getTail, newId, TestLog } from '../support/shard-log.ts';

const HOUR_MS = 3_600_000;

describe.each(storeChoices())('guessed positions on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  const open = () => TestLog.open(store.tables, { guessing: true });

  /** Lets each call through, and notes it, for example as `PutItem records`. */
  function counted(): { readonly plan: FaultPlan; take(): string[] } {
    let calls: string[] = [];
    return {
      plan: (command, { TableName = '' }) => {
        calls.push(`${command} ${TableName.split('-').at(-1)}`);
        return 'pass';
      },
      take: () => {
        const taken = calls;
        calls = [];
        return taken;
      },
    };
  }

  const batches = async (log: TestLog): Promise<Batch[]> =>
    (await queryBatches(store.tables, log.shard, 1, { limit: 1000, consistent: true })).batches;

  describe('one writer at a time', () => {
    it('reserves the first position, and then makes one call an append', async () => {
      const log = await open();
      const { plan, take } = counted();
      const writer = log.writer({}, faultyTables(store.endpoint, plan));

      await writer.append('first');
      expect(take()).toEqual(['Query records', 'UpdateItem streams', 'PutItem records']);
      await writer.append('second');
      await writer.append('third');

      expect(take()).toEqual(['PutItem records', 'PutItem records']);
      expect(await log.readTexts()).toEqual(['first', 'second', 'third']);
    });

    it('looks at the newest batch after a pause, or in a new process', async () => {
      const log = await open();
      const { plan, take } = counted();
      const tables = faultyTables(store.endpoint, plan);
      const writer = log.writer({}, tables);
      await writer.append('first');
      take();

      log.pass(6_000);
      await writer.append('after a pause');
      await log.writer({}, tables).append('of another process');

      expect(take()).toEqual(['Query records', 'PutItem records', 'Query records', 'PutItem records']);
      expect(await log.readTexts()).toEqual(['first', 'after a pause', 'of another process']);
    });

    it('begins to guess once it has been alone for five seconds', async () => {
      const log = await open();
      await log.writer({}, store.tables, { guessing: false }).append('reserved');
      const writer = log.writer();
      await writer.append('reserved, too');
      expect(await getTail(store.tables, log.shard)).toMatchObject({ claims: 'RESERVE' });

      log.pass(5_000);
      await writer.append('head');

      expect(await getTail(store.tables, log.shard)).toMatchObject({ claims: 'GUESS', nextPosition: 4 });
      expect((await batches(log)).map(({ headMs }) => headMs !== undefined)).toEqual([false, false, true]);
    });

    it('goes on reserving where another writer has reserved meanwhile', async () => {
      const log = await open();
      const other = log.writer({}, store.tables, { guessing: false });
      await other.append('reserved');
      const writer = log.writer();
      await writer.append('reserved, too');
      log.pass(5_500);
      await other.append('not alone');
      // Moves to a second in which nothing was counted yet. So only the position shows that there is another writer.
      log.pass(1_100);

      await writer.append('reserved again');

      expect(await getTail(store.tables, log.shard)).toMatchObject({ claims: 'RESERVE', nextPosition: 5 });
    });

    it('[W6] reserves a new head once an hour', async () => {
      const log = await open();
      const writer = log.writer();
      await writer.append('first');
      await writer.append('second');
      log.pass(HOUR_MS + 250);

      await writer.append('third');
      await writer.append('fourth');

      const [first, , third, fourth] = await batches(log);
      expect(await getTail(store.tables, log.shard)).toMatchObject({ claims: 'GUESS', nextPosition: 4 });
      expect(third?.headMs).toBeGreaterThan(first?.headMs ?? 0);
      expect(fourth?.headMs).toBe(third?.headMs);
      expect(await log.readTexts()).toEqual(['first', 'second', 'third', 'fourth']);
    });

    it('[W9] tells no arrival before that of the link below, whatever its clock says', async () => {
      const log = await open();
      const fast = new TestLog(store.tables, log.shard, { guessing: true });
      fast.pass(30_000);
      await fast.writer().append('by a clock that is ahead');
      await log.writer().append('by the own clock');

      const [first, second] = await batches(log);

      expect(second?.arrivalMs).toBeGreaterThanOrEqual(first?.arrivalMs ?? Number.POSITIVE_INFINITY);
    });

    it('leaves no hole where it dies before the put of the head: the next one takes it', async () => {
      const log = await open();
      const dying = log.writer({}, faultyTables(store.endpoint, once('crash', 'PutItem', 'records')));
      await expect(dying.append('never written')).rejects.toThrow(Crashed);

      expect(await log.writer().append('next')).toMatchObject({ kind: 'appended', position: 1 });
      expect(await log.readTexts()).toEqual(['next']);
    });

    it('[W8] counts on from batch to batch: its limits are exact', async () => {
      const log = await open();
      log.pass(1_000 - (log.now() % 1_000));
      const limits = { throttling: true, shardRecordsPerSecond: 10, shardBytesPerSecond: 1_000 };
      const writer = log.writer(limits);

      await writer.append('1', '2', '3', '4');
      expect(await log.writer(limits).append('5', '6', '7')).toMatchObject({ kind: 'appended' });
      expect(await writer.append('8', '9', '10', '11')).toMatchObject({ admitted: [0, 1, 2] });
      expect(await log.writer(limits).append('12')).toMatchObject({ kind: 'throttled' });
      log.pass(1_000);
      expect(await writer.append('13')).toMatchObject({ kind: 'appended' });
      expect(await log.readTexts()).toHaveLength(11);
    });
  });

  describe('writers that meet', () => {
    it('lose a guess to another, and find the next position', async () => {
      const log = await open();
      const writer = log.writer();
      await writer.append('a');
      await log.writer().append('b');

      expect(await writer.append('c')).toMatchObject({ position: 3 });
      expect(await log.readTexts()).toEqual(['a', 'b', 'c']);
    });

    it('turn to reservations at the end of a chain, and go on from its counts', async () => {
      const log = await open();
      const limits = { throttling: true, shardRecordsPerSecond: 1_000, shardBytesPerSecond: 1_000_000 };
      log.pass(1_000 - (log.now() % 1_000));
      const writers = Array.from({ length: 8 }, () => log.writer(limits));
      await writers[0]?.append('first');

      const outcomes = await Promise.all(writers.flatMap((w, i) => [0, 1, 2, 3].map((j) => w.append(`${i}.${j}`))));

      expect(outcomes.map(({ kind }) => kind)).toEqual(Array(32).fill('appended'));
      const tail = await getTail(store.tables, log.shard);
      expect(tail).toMatchObject({ claims: 'RESERVE' });
      const all = await batches(log);
      expect(all.filter(({ kind }) => kind === 'data')).toHaveLength(33);
      const lastLink = all.findLastIndex(({ headMs }) => headMs !== undefined) + 1;
      expect(all.slice(lastLink + 1).every(({ headMs }) => headMs === undefined)).toBe(true);
      const seconds = new Set(all.map(({ countedSecond }) => countedSecond));
      if (seconds.size === 1) {
        expect(tail?.secondRecords).toBeGreaterThanOrEqual(33);
      }
    });

    it('[W8] never admit more than a second takes, also while they turn from guesses to reservations', async () => {
      const log = await open();
      const limits = { throttling: true, shardRecordsPerSecond: 20, shardBytesPerSecond: 1_000_000 };
      const second = Math.floor(log.now() / 1000) + 2;
      log.pass(second * 1000 - log.now());
      const writers = Array.from({ length: 6 }, () => log.writer(limits));

      const outcomes = await Promise.all(
        writers.map(async (w) => {
          const appended: number[] = [];
          for (let i = 0; i < 12; i++) {
            const outcome = await w.append('x');
            appended.push(outcome.kind === 'appended' ? 1 : 0);
          }
          return appended.reduce((a, b) => a + b);
        }),
      );

      const bySecond = new Map<number, number>();
      for (const { countedSecond, kind } of await batches(log)) {
        bySecond.set(countedSecond, (bySecond.get(countedSecond) ?? 0) + (kind === 'data' ? 1 : 0));
      }
      expect(Math.max(...bySecond.values())).toBeLessThanOrEqual(20);
      // Not always the whole limit, because a lost claim may have been counted.
      expect(outcomes.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(12);
    });

    it('go on reserving for five seconds after a chain of whatever age has ended', async () => {
      const log = await open();
      const writer = log.writer();
      await writer.append('link');
      log.pass(600_000);
      await log.writer({}, store.tables, { guessing: false }).append('last link');

      await writer.append('reserved');
      await writer.append('reserved, too');
      expect(await getTail(store.tables, log.shard)).toMatchObject({ claims: 'RESERVE' });
      log.pass(5_000);
      await writer.append('head');

      expect(await getTail(store.tables, log.shard)).toMatchObject({ claims: 'GUESS' });
    });

    it('go on after the writer of the last link has died: the next one turns the tail', async () => {
      const log = await open();
      await log.writer().append('link');
      await log.writer({}, store.tables, { guessing: false }).append('last link');
      expect(await getTail(store.tables, log.shard)).toMatchObject({ claims: 'GUESS', nextPosition: 2 });

      expect(await log.writer().append('reserved')).toMatchObject({ position: 3 });

      expect(await getTail(store.tables, log.shard)).toMatchObject({ claims: 'RESERVE', nextPosition: 4 });
      expect(await log.readTexts()).toEqual(['link', 'last link', 'reserved']);
    });

    it('[W4] keep the order of what was acknowledged, whatever a process remembers', async () => {
      const log = await open();
      const slow = log.writer();
      await slow.append('first');
      // Other writers end the chain that the slow one remembers. One of them dies with a reservation.
      const reserving = { guessing: false };
      await log.writer({}, store.tables, reserving).append('second');
      const dying = log.writer({}, faultyTables(store.endpoint, once('crash', 'PutItem', 'records')), reserving);
      await expect(dying.append('never written')).rejects.toThrow(Crashed);
      const third = await log.writer({}, store.tables, reserving).append('third');

      const fourth = await slow.append('fourth');

      expect([third, fourth]).toMatchObject([{ position: 4 }, { position: 5 }]);
    });

    it('a put that was retried is one record', async () => {
      const log = await open();
      const writer = log.writer({}, faultyTables(store.endpoint, once('answer-lost', 'PutItem', 'records')));

      await writer.append('once');
      await writer.append('twice');

      expect(await log.readTexts()).toEqual(['once', 'twice']);
    });
  });

  describe('after a long rest', () => {
    it('[W7] leaps over what may have expired: no position is used again', async () => {
      const log = await open();
      const writer = log.writer();
      await writer.append('expired');
      await writer.append('expired, too');
      await removeAll(log);
      log.pass(2 * log.retentionMs);

      const outcome = await log.writer().append('young');

      expect(outcome).toMatchObject({ position: 2 + LEAP });
      expect(await writer.append('next')).toMatchObject({ position: 3 + LEAP });
      expect(await log.readTexts({ position: 3, offset: 0 })).toEqual(['young', 'next']);
    });

    it('[W7] loses nothing where a clock was hours ahead when it reserved the head', async () => {
      const log = await open();
      const fast = new TestLog(store.tables, log.shard, { guessing: true });
      fast.pass(5 * HOUR_MS);
      await fast.writer().append('by a clock that is ahead');
      const read: string[] = [];
      let place = { position: 1, offset: 0 };
      for (const text of ['1', '2', '3', '4']) {
        expect(await log.writer().append(text)).toMatchObject({ kind: 'appended' });
        const result = await log.read(place);
        read.push(...result.records.map(({ data }) => Buffer.from(data).toString()));
        place = result.next;
        log.pass(4 * HOUR_MS);
      }
      await sealShard(store.tables, log.shard, { now: log.now, writer: newId() });

      expect(read).toEqual(['by a clock that is ahead', '1', '2', '3', '4']);
      expect(await log.read(place)).toMatchObject({ ended: true, records: [] });
    });

    it('takes another head where one was reserved long ago and never written', async () => {
      const log = await open();
      const dying = log.writer({}, faultyTables(store.endpoint, once('crash', 'PutItem', 'records')));
      await expect(dying.append('never written')).rejects.toThrow(Crashed);
      log.pass(HOUR_MS + 250);

      expect(await log.writer().append('young')).toMatchObject({ position: 2 });
      expect(await log.readTexts()).toEqual([]);
      log.pass(1_500);
      expect(await log.readTexts()).toEqual(['young']);
    });

    it('[W7] leaps after two hours where nothing is to be seen from the head on', async () => {
      const log = await open();
      const writer = log.writer();
      await writer.append('removed');
      await writer.append('removed, too');
      await removeAll(log);
      log.pass(2 * HOUR_MS + 1_000);

      expect(await log.writer().append('young')).toMatchObject({ position: 2 + LEAP });
      expect(await log.readTexts()).toEqual(['young']);
    });

    it('[W7] renews no chain that was forgotten while its writer stood still', async () => {
      const log = await open();
      const writer = log.writer();
      await writer.append('1');
      let isStanding = false;
      let looks = 0;
      const now = () => {
        if (isStanding && looks++ === 1) {
          log.pass(26 * HOUR_MS);
        }
        return log.now();
      };
      const tables = faultyTables(store.endpoint, async (command) => {
        if (command === 'Query') {
          isStanding = true;
        }
        return 'pass' as const;
      });
      const still = new TestLog(tables, log.shard, { guessing: true });
      Object.defineProperty(still, 'now', { value: now });
      await expect(still.writer().append('unconfirmed')).rejects.toThrow();

      expect((await getTail(store.tables, log.shard))?.nextPosition).not.toBe(3);
      const outcome = await log.writer().append('acknowledged');
      expect(outcome.kind === 'appended' && outcome.position).toBeGreaterThan(LEAP);
    });

    it('[C1] trusts its own last batch no longer because its clock was set back', async () => {
      const log = await open();
      const { plan, take } = counted();
      const early = new TestLog(faultyTables(store.endpoint, plan), log.shard, { guessing: true });
      const writer = early.writer();
      await writer.append('1');
      await log.writer().append('2');
      early.pass(-60_000);
      take();

      await writer.append('3');

      expect(take()).toEqual(['Query records', 'PutItem records']);
    });

    it('[W7] leaps as well where something is left of the chain', async () => {
      const log = await open();
      await log.writer().append('old');
      log.pass(13 * HOUR_MS);

      expect(await log.writer().append('young')).toMatchObject({ position: 2 + LEAP });
      expect(await log.readTexts()).toEqual(['old', 'young']);
    });

    it('[W7] seals above what may have expired', async () => {
      const log = await open();
      await log.writer().append('expired');
      await log.writer().append('expired, too');
      await removeAll(log);
      log.pass(2 * log.retentionMs);

      const seal = await sealShard(store.tables, log.shard, { now: log.now, writer: newId() });

      expect(seal?.position).toBe(2 + LEAP);
      log.pass(1_500);
      expect(await log.read({ position: 3, offset: 0 })).toMatchObject({ ended: true });
    });

    it('finds a time on both sides of a leap', async () => {
      const log = await open();
      await log.writer().append('old');
      const betweenMs = log.now() + HOUR_MS;
      log.pass(13 * HOUR_MS);
      await log.writer().append('young');

      const position = await positionAtTime(store.tables, log.shard, betweenMs);

      expect(position).toBeGreaterThan(1);
      expect(await log.readTexts({ position, offset: 0 })).toEqual(['young']);
      expect(await latestPosition(store.tables, log.shard)).toBe(3 + LEAP);
    });
  });

  describe('sealing', () => {
    const seal = (log: TestLog, tables = store.tables) =>
      sealShard(tables, log.shard, { now: log.now, writer: newId() });

    it('ends a chain: a writer that remembers it is turned away', async () => {
      const log = await open();
      const writer = log.writer();
      await writer.append('last');

      expect(await seal(log)).toMatchObject({ position: 2 });
      expect(await writer.append('refused')).toEqual({ kind: 'closed' });
      expect(await log.read()).toMatchObject({ ended: true, records: [expect.anything()] });
    });

    it.each([
      { raced: [1], kinds: ['data', 'data', 'fill', 'seal'] },
      { raced: [1, 2], kinds: ['data', 'data', 'data', 'seal'] },
      { raced: [1, 3], kinds: ['data', 'data', 'data', 'seal'] },
    ])('gets ahead of a chain that grows before its puts $raced, and breaks it', async ({ raced, kinds }) => {
      const log = await open();
      const writer = log.writer();
      await writer.append('0');
      const acknowledged = ['0'];
      let puts = 0;
      const racing: FaultPlan = async (command) => {
        puts += command === 'PutItem' ? 1 : 0;
        if (command === 'PutItem' && raced.includes(puts)) {
          await writer.append(`${puts}`);
          acknowledged.push(`${puts}`);
        }
        return 'pass' as const;
      };

      await seal(log, faultyTables(store.endpoint, racing));

      expect(await writer.append('refused')).toEqual({ kind: 'closed' });
      expect((await batches(log)).map(({ kind }) => kind)).toEqual(kinds);
      expect(await newestBatch(store.tables, log.shard)).toMatchObject({ position: 4, ahead: true });
      log.pass(70_000);
      expect(await log.readTexts()).toEqual(acknowledged);
      expect(await log.read()).toMatchObject({ ended: true });
    });

    it('a second time breaks the chain that the first one had left', async () => {
      const log = await open();
      const writer = log.writer();
      await writer.append('last');
      const [header] = await batches(log);
      await sealAhead(log, header as Batch);

      await seal(log);

      expect(await writer.append('refused')).toEqual({ kind: 'closed' });
      expect((await batches(log)).map(({ kind, position }) => [kind, position])).toEqual([
        ['data', 1],
        ['fill', 2],
        ['seal', 5],
      ]);
    });

    it('[R6] lets a reader pass nothing below a seal that is ahead', async () => {
      const log = await open();
      const writer = log.writer();
      await writer.append('1');
      const { plan, reached, open: release } = gate('PutItem', 'records');
      const underWay = log.writer({}, faultyTables(store.endpoint, plan)).append('2');
      const refused = expect(underWay).rejects.toThrow('taken by another batch');
      await reached;
      const [header] = await batches(log);
      await sealAhead(log, header as Batch);
      log.pass(1.5 * HOUR_MS);

      const read = await log.read();
      release();

      expect(read).toMatchObject({ ended: true, records: [expect.anything()] });
      expect((await batches(log)).map(({ kind }) => kind)).toEqual(['data', 'fill', 'fill', 'fill', 'seal']);
      await refused;
    });

    it('turns a writer away that has not written the head of its chain yet', async () => {
      const log = await open();
      const { plan, reached, open: release } = gate('PutItem', 'records');
      const late = log.writer({}, faultyTables(store.endpoint, plan)).append('late');
      await reached;

      log.pass(8_000);
      // Until now, others could have taken the head. So no reader may think that the gap is older.
      expect(await seal(log)).toMatchObject({ position: 2, beforeMs: expect.closeTo(log.now(), -4) });
      release();

      expect(await late).toEqual({ kind: 'closed' });
      expect(await log.read()).toMatchObject({ ended: true, records: [] });
    });

    it('[W5] does not acknowledge a head that was taken by a tail that has closed long ago', async () => {
      const log = await open();
      const dying = log.writer({}, faultyTables(store.endpoint, once('crash', 'PutItem', 'records')));
      await expect(dying.append('never written')).rejects.toThrow(Crashed);
      // The writer calls the tail. Its process is stopped before it gets the response.
      const tables = openTestTables(store.endpoint);
      const standing = interceptCalls(tables.client, async (name, input, call) => {
        try {
          return await call(input);
        } finally {
          log.pass({ UpdateItem: 9_500, PutItem: 1_000 }[name as string] ?? 0);
        }
      });

      await expect(log.writer({}, { ...tables, client: standing }).append('late')).rejects.toThrow(
        'after its deadline',
      );
    });

    it('[S1] tells a time after the close of the tail, however slow the sealer', async () => {
      const log = await open();
      await log.writer().append('first');
      let closed = false;
      const slow: FaultPlan = (command) => {
        if (command === 'UpdateItem' && !closed) {
          closed = true;
          log.pass(61_000);
        }
        return 'pass' as const;
      };

      const sealed = await seal(log, faultyTables(store.endpoint, slow));

      expect(sealed?.beforeMs).toBeGreaterThan(log.now() - 1_000);
    });

    it('LATEST stands where the chain can still grow, below a seal that is ahead', async () => {
      const log = await open();
      const writer = log.writer();
      await writer.append('1');
      const [header] = await batches(log);
      await sealAhead(log, header as Batch);

      const position = await latestPosition(store.tables, log.shard);
      await writer.append('2');

      expect(position).toBe(2);
      expect((await log.readTexts({ position, offset: 0 })).slice(0, 1)).toEqual(['2']);
    });

    /** Puts a seal ahead, as a sealer does that dies right after its put. */
    async function sealAhead(log: TestLog, { arrivalMs }: Batch): Promise<void> {
      await putBatch(store.tables, log.shard, {
        kind: 'seal',
        ahead: true,
        position: 5,
        arrivalMs,
        beforeMs: arrivalMs,
        writer: newId(),
        countedSecond: 0,
        secondRecords: 0,
        secondBytes: 0,
      });
    }
  });

  /** Removes all batches, as DynamoDB's TTL does in the end. */
  async function removeAll(log: TestLog): Promise<void> {
    for (const { position } of await batches(log)) {
      const Key = { pk: batchPartition(log.shard), sk: position };
      await store.tables.client.delete({ TableName: store.tables.records, Key });
    }
  }
});
