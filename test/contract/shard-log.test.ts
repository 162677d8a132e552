import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logRecord, packRecords } from '../../lib/log/batch-body.ts';
import { latestPosition, positionAtTime } from '../../lib/log/locate.ts';
import { sealShard } from '../../lib/log/seal.ts';
import { newestBatch, putBatch, queryBatches } from '../../lib/store/batch-item.ts';
import { reservePosition } from '../../lib/store/tail-item.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { Crashed, faultyTables, gate, once } from '../support/faulty-tables.ts';
import { getTail, incompressible, newId, TestLog, texts } from '../support/shard-log.ts';

describe.each(storeChoices())('the shard log on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  describe('writing', () => {
    it('[A1] gives two concurrent writers never one position', async () => {
      const log = await TestLog.open(store.tables);
      const writers = Array.from({ length: 8 }, () => log.writer());

      const outcomes = await Promise.all(writers.flatMap((w, i) => [0, 1, 2, 3].map((j) => w.append(`${i}.${j}`))));

      const positions = outcomes.map((outcome) => outcome.kind === 'appended' && outcome.position);
      expect(new Set(positions).size).toBe(32);
      expect(await log.readTexts()).toHaveLength(32);
    });

    it('[A4] makes one record of a put that was retried after its first attempt had succeeded', async () => {
      const log = await TestLog.open(store.tables);
      const tables = faultyTables(store.endpoint, once('answer-lost', 'PutItem', 'records'));

      const outcome = await log.writer({}, tables).append('once');

      expect(outcome).toMatchObject({ kind: 'appended', position: 1 });
      expect(await log.readTexts()).toEqual(['once']);
    });

    it('[A4] sends a put that never arrived again, to the same position', async () => {
      const log = await TestLog.open(store.tables);
      const tables = faultyTables(store.endpoint, once('request-lost', 'PutItem', 'records'));

      expect(await log.writer({}, tables).append('again')).toMatchObject({ kind: 'appended', position: 1 });
    });

    it('refuses a filled position to its late writer, whose record lands at a new one', async () => {
      const log = await TestLog.open(store.tables);
      const { plan, reached, open } = gate('PutItem', 'records');
      const late = log.writer({}, faultyTables(store.endpoint, plan)).append('late');
      await reached;
      await log.writer().append('second');
      log.pass(1_500);
      await log.writer().append('third');
      expect(await log.readTexts()).toEqual(['second', 'third']);

      open();

      expect(await late).toMatchObject({ kind: 'appended', position: 4 });
      expect(await log.readTexts()).toEqual(['second', 'third', 'late']);
    });

    it('[A2] does not acknowledge what was confirmed after the deadline', async () => {
      const log = await TestLog.open(store.tables);
      const { plan, reached, open } = gate('PutItem', 'records');
      const late = log.writer({}, faultyTables(store.endpoint, plan)).append('late');
      await reached;
      log.pass(10_001);
      open();

      await expect(late).rejects.toThrow('after its deadline');
    });

    it('stores a batch above the item limit in chunks, and reads it back', async () => {
      const log = await TestLog.open(store.tables);
      const big = incompressible(900_000);

      await log.writer().append('before', big, 'after');

      const { records } = await log.read();
      expect(records.map((record) => record.data.length)).toEqual([6, 900_000, 5]);
      expect(Buffer.from(records[1]?.data ?? []).toString() === big).toBe(true);
      expect(records.map(({ position, offset }) => [position, offset])).toEqual([
        [1, 0],
        [1, 1],
        [1, 2],
      ]);
    });
  });

  describe('the limits of a shard', () => {
    const limits = { throttling: true, shardRecordsPerSecond: 10, shardBytesPerSecond: 1_000_000 };

    it('[W8] are exact across writers that do not know of each other', async () => {
      const log = await TestLog.open(store.tables);
      const second = Math.floor(log.now() / 1000) + 2;
      log.pass(second * 1000 - log.now());
      const writers = Array.from({ length: 5 }, () => log.writer(limits));

      const outcomes = await Promise.all(writers.flatMap((w) => [1, 2, 3, 4].map(() => w.append('x'))));

      const tail = await getTail(store.tables, log.shard);
      const appended = outcomes.filter((outcome) => outcome.kind === 'appended').length;
      const seconds = (tail?.countedSecond ?? 0) - second + 1;
      expect(outcomes.filter((outcome) => outcome.kind === 'closed')).toEqual([]);
      expect(appended).toBeGreaterThanOrEqual(10);
      expect(appended).toBeLessThanOrEqual(10 * seconds);
      expect(await log.readTexts()).toHaveLength(appended);
    });

    it('admit the records of a batch that fit, and start anew with the next second', async () => {
      const log = await TestLog.open(store.tables);
      log.pass(1000 - (log.now() % 1000));
      const writer = log.writer(limits);

      const first = await writer.append(...Array.from({ length: 12 }, (_, i) => `${i}`));
      const full = await writer.append('over');
      log.pass(1_000);
      const next = await writer.append('next second');

      expect(first).toMatchObject({ kind: 'appended', admitted: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] });
      expect(full).toMatchObject({ kind: 'throttled' });
      expect(next).toMatchObject({ kind: 'appended', admitted: [0] });
    });
  });

  describe('reading', () => {
    /** Reserves a position and does not write it: the writer has died. */
    async function crashedAppend(log: TestLog): Promise<void> {
      const tables = faultyTables(store.endpoint, once('crash', 'PutItem', 'records'));
      await expect(log.writer({}, tables).append('never written')).rejects.toThrow(Crashed);
    }

    it('goes on where it stopped, inside a batch too', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append('a', 'b', 'c');
      await log.writer().append('d');

      const first = await log.read(undefined, 2);
      const rest = await log.read(first.next);

      expect(texts(first)).toEqual(['a', 'b']);
      expect(first).toMatchObject({ atTip: false, next: { position: 1, offset: 2 } });
      expect(texts(rest)).toEqual(['c', 'd']);
      expect(rest).toMatchObject({ atTip: true, next: { position: 3, offset: 0 } });
    });

    it('[R5] never passes a hole that is younger than the limits', async () => {
      const log = await TestLog.open(store.tables);
      log.hold();
      await log.writer().append('before');
      await crashedAppend(log);
      await log.writer().append('after');
      log.pass(900);

      const result = await log.read();

      expect(texts(result)).toEqual(['before']);
      expect(result).toMatchObject({ atTip: false, next: { position: 2, offset: 0 } });
    });

    it('is stalled by a crash between reserve and put for about a second, and loses nothing acknowledged', async () => {
      const log = await TestLog.open(store.tables);
      await crashedAppend(log);
      await log.writer().append('acknowledged');
      expect(await log.readTexts()).toEqual([]);

      log.pass(1_300);

      expect(await log.readTexts()).toEqual(['acknowledged']);
      const { batches } = await queryBatches(store.tables, log.shard, 1, { limit: 10, consistent: true });
      expect(batches.map((batch) => batch.kind)).toEqual(['fill', 'data']);
    });

    it('fills a gap of any length once it is a second old', async () => {
      const log = await TestLog.open(store.tables);
      for (let i = 0; i < 70; i++) {
        await crashedAppend(log);
      }
      await log.writer().append('acknowledged');

      log.pass(1_500);

      expect(await log.readTexts()).toEqual(['acknowledged']);
      const { batches } = await queryBatches(store.tables, log.shard, 1, { limit: 100, consistent: true });
      expect(batches.map((batch) => batch.kind)).toEqual([...Array(70).fill('fill'), 'data']);
    });

    it.each([
      ['young', 1_500],
      ['old', 3_601_000],
    ])(
      '[R9] reads what a late writer wrote before its fill of a %s gap arrived, and takes nothing away',
      async (_age, ms) => {
        const log = await TestLog.open(store.tables);
        const writing = gate('PutItem', 'records');
        const late = log.writer({}, faultyTables(store.endpoint, writing.plan)).append('late');
        await writing.reached;
        await log.writer().append('second');
        // The writer's own clock is behind. By this clock, its deadline has not passed.
        const filling = gate('PutItem', 'records');
        const reader = new TestLog(faultyTables(store.endpoint, filling.plan), log.shard);
        reader.pass(ms);
        const read = reader.readTexts();
        await filling.reached;
        writing.open();
        expect(await late).toMatchObject({ kind: 'appended', position: 1 });

        filling.open();

        expect(await read).toEqual(['late', 'second']);
        expect(await log.readTexts()).toEqual(['late', 'second']);
      },
    );

    it('[R3] fills the first position of an old gap before it skips the rest', async () => {
      const log = await TestLog.open(store.tables);
      for (let i = 0; i < 5; i++) {
        await crashedAppend(log);
      }
      await log.writer().append('acknowledged');

      log.pass(3_601_000);

      expect(await log.readTexts()).toEqual(['acknowledged']);
      const { batches } = await queryBatches(store.tables, log.shard, 1, { limit: 10, consistent: true });
      expect(batches.map(({ kind, position }) => [kind, position])).toEqual([
        ['fill', 1],
        ['data', 6],
      ]);
    });

    it('[W2] never passes a young reservation behind one that was delayed for a minute', async () => {
      const log = await TestLog.open(store.tables);
      const delayed = gate('UpdateItem', 'streams');
      const young = gate('PutItem', 'records');
      let dying = false;
      const tables = faultyTables(store.endpoint, (command, input) => {
        if (!dying) {
          return 'pass';
        }
        return command === 'PutItem' ? 'crash' : delayed.plan(command, input);
      });
      const late = log.writer({}, tables);
      log.pass(1_000 - (log.now() % 1_000));
      await late.append('first');
      dying = true;
      const lateReservation = late.append('never written');
      await delayed.reached;
      log.pass(61_000);
      await crashedAppend(log);
      const victim = log.writer({}, faultyTables(store.endpoint, young.plan)).append('victim');
      await young.reached;
      delayed.open();
      await expect(lateReservation).rejects.toThrow();
      await log.writer().append('last');

      const early = await log.read();
      young.open();

      expect(texts(early)).toEqual(['first']);
      expect(await victim).toMatchObject({ kind: 'appended' });
      log.pass(2_000);
      expect((await log.readTexts()).sort()).toEqual(['first', 'last', 'victim']);
    });

    it('tells that something is hidden behind a gap', async () => {
      const log = await TestLog.open(store.tables);
      await crashedAppend(log);
      await log.writer().append('hidden');

      expect(await log.read()).toMatchObject({ records: [], atTip: false, lastArrivalMs: expect.any(Number) });
    });

    it('does not read the body of a batch that has no place in the answer', async () => {
      const log = await TestLog.open(store.tables);
      const reads: string[] = [];
      await log.writer().append('a');
      await log.writer().append(incompressible(700_000));
      const watched = faultyTables(store.endpoint, (command) => {
        reads.push(command);
        return 'pass';
      });

      expect(texts(await new TestLog(watched, log.shard).read(undefined, 1))).toEqual(['a']);
      expect(reads).toEqual(['Query']);
    });

    it('skips what has expired and been removed, without filling it', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append('expired');
      await crashedAppend(log);
      log.pass(log.retentionMs + 70_000);
      await crashedAppend(log);
      log.pass(log.retentionMs + 70_000);
      await log.writer().append('young');

      expect(await log.readTexts()).toEqual(['young']);
      const { batches } = await queryBatches(store.tables, log.shard, 1, { limit: 10, consistent: true });
      expect(batches.map((batch) => batch.position)).toEqual([1, 4]);
    });

    it('gives at least one record, whatever its size, and no more bytes than asked for', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append('x'.repeat(6_000_000), 'y'.repeat(6_000_000));

      const first = await log.read();
      const second = await log.read(first.next);

      expect(first.records.map((record) => record.data.length)).toEqual([6_000_000]);
      expect(second.records.map((record) => record.data.length)).toEqual([6_000_000]);
    });
  });

  describe('sealing', () => {
    it('[A5] ends the log for writers and readers', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append('last');

      const seal = await sealShard(store.tables, log.shard, { now: log.now, writer: newId() });

      expect(seal?.position).toBe(2);
      expect(await log.writer().append('refused')).toEqual({ kind: 'closed' });
      expect(await log.read()).toMatchObject({ ended: true, atTip: true });
      expect(await log.readTexts()).toEqual(['last']);
    });

    it('a second time finds the seal that is there', async () => {
      const log = await TestLog.open(store.tables);
      await sealShard(store.tables, log.shard, { now: log.now, writer: newId() });

      expect(await sealShard(store.tables, log.shard, { now: log.now, writer: newId() })).toMatchObject({
        position: 1,
      });
      expect((await queryBatches(store.tables, log.shard, 1, { limit: 9, consistent: true })).batches).toHaveLength(1);
    });

    it('lies above a reservation that is under way, whose record is read', async () => {
      const log = await TestLog.open(store.tables);
      const { plan, reached, open } = gate('PutItem', 'records');
      const underWay = log.writer({}, faultyTables(store.endpoint, plan)).append('under way');
      await reached;

      const seal = await sealShard(store.tables, log.shard, { now: log.now, writer: newId() });
      const early = await log.read();
      open();

      expect(seal?.position).toBe(2);
      expect(early).toMatchObject({ records: [], ended: false });
      expect(await underWay).toMatchObject({ kind: 'appended', position: 1 });
      expect(await log.read()).toMatchObject({ records: [expect.anything()], ended: true });
    });

    it('[A5] turns a late writer away whose position was filled', async () => {
      const log = await TestLog.open(store.tables);
      const { plan, reached, open } = gate('PutItem', 'records');
      const late = log.writer({}, faultyTables(store.endpoint, plan)).append('late');
      await reached;
      await sealShard(store.tables, log.shard, { now: log.now, writer: newId() });
      log.pass(1_500);
      expect(await log.read()).toMatchObject({ records: [], ended: true });

      open();

      expect(await late).toEqual({ kind: 'closed' });
    });

    it('moves above a batch that was put beyond the tail', async () => {
      const log = await TestLog.open(store.tables);
      await putBatch(store.tables, log.shard, {
        kind: 'fill',
        position: 5,
        arrivalMs: log.now(),
        beforeMs: 0,
        writer: newId(),
        countedSecond: 0,
        secondRecords: 0,
        secondBytes: 0,
      });

      expect(await sealShard(store.tables, log.shard, { now: log.now, writer: newId() })).toMatchObject({
        position: 6,
      });
    });

    it('of a shard that has no tail does nothing', async () => {
      const log = new TestLog(store.tables);

      expect(await sealShard(store.tables, log.shard, { now: log.now, writer: newId() })).toBeUndefined();
      expect(await newestBatch(store.tables, log.shard)).toBeUndefined();
    });
  });

  describe('finding a place to read from', () => {
    it('LATEST is after the newest batch, and at the seal of a closed shard', async () => {
      const log = await TestLog.open(store.tables);
      expect(await latestPosition(store.tables, log.shard)).toBe(1);
      await log.writer().append('a', 'b');
      expect(await latestPosition(store.tables, log.shard)).toBe(2);

      await sealShard(store.tables, log.shard, { now: log.now, writer: newId() });

      expect(await latestPosition(store.tables, log.shard)).toBe(2);
    });

    it('[R11] by time misses nothing that arrived then or later, and reads little that arrived long before', async () => {
      const log = await TestLog.open(store.tables);
      const writer = log.writer();
      const arrivals: number[] = [];
      for (let i = 0; i < 40; i++) {
        const outcome = await writer.append(`${i}`);
        arrivals.push(outcome.kind === 'appended' ? outcome.arrivalMs : 0);
        log.pass(10_000);
      }

      for (const index of [0, 1, 17, 39]) {
        const position = await positionAtTime(store.tables, log.shard, arrivals[index] ?? 0);
        expect(position).toBe(index + 1);
      }
      expect(await positionAtTime(store.tables, log.shard, log.now())).toBe(41);
    });
  });

  describe('a place by time', () => {
    it('[R11] passes over what arrived before, and then nothing any more: times only all but ascend', async () => {
      const log = await TestLog.open(store.tables);
      const [early, late] = [log.now(), log.now() + 100];
      for (const [position, arrivalMs] of [early, late, early, late].entries()) {
        await putBatch(store.tables, log.shard, {
          kind: 'data',
          position: position + 1,
          arrivalMs,
          beforeMs: 0,
          writer: newId(),
          recordCount: 1,
          countedSecond: 0,
          secondRecords: 0,
          secondBytes: 0,
          body: packRecords([logRecord({ partitionKey: 'key', data: Buffer.from(`${position}`) })]),
        });
      }
      log.pass(1_000);

      expect(texts(await log.read(undefined, 10, late))).toEqual(['1', '2', '3']);
    });
  });

  describe('arrival times', () => {
    it('[W9] ascend with the positions, also where a slow writer had to claim anew', async () => {
      const log = await TestLog.open(store.tables);
      const { plan, reached, open } = gate('PutItem', 'records');
      const slow = log.writer({}, faultyTables(store.endpoint, plan)).append('slow');
      await reached;
      log.pass(5_000);
      await log.writer().append('a');
      await log.readTexts();
      open();
      await slow;
      await log.writer().append('b');

      const arrivals = (await log.read()).records.map((record) => record.arrivalMs);

      expect(arrivals).toHaveLength(3);
      expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
    });
  });

  describe('a failed condition', () => {
    it('tells the tail that refused, also on an engine that returns no old items', async () => {
      const log = await TestLog.open(store.tables);
      const request = {
        take: { kind: 'next' },
        reservedMs: log.now() + 60_000,
        admission: { form: 'same second', second: 0, records: 1, bytes: 1, atMostRecords: -1, atMostBytes: 0 },
      } as const;

      expect(await reservePosition(store.tables, log.shard, request)).toMatchObject({
        held: false,
        found: { shardState: 'OPEN', nextPosition: 1 },
      });
    });
  });
});
