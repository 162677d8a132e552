import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logRecord, packRecords } from '../../lib/log/batch-body.ts';
import { positionAtTime } from '../../lib/log/locate.ts';
import { ShardReader } from '../../lib/log/read.ts';
import { sealShard } from '../../lib/log/seal.ts';
import { kinesisLimits } from '../../lib/model/limits.ts';
import { FIRST_POSITION } from '../../lib/model/position.ts';
import { type DataBatch, putBatch } from '../../lib/store/batch-item.ts';
import { chunkPartition } from '../../lib/store/table.ts';
import { interceptCalls, type QueryInput } from '../../lib/store/table-client.ts';
import type { Tables } from '../../lib/store/tables.ts';
import { openTestTables, type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { Crashed, type FaultPlan, faultyTables, gate, once } from '../support/faulty-tables.ts';
import { incompressible, newId, TestLog, texts } from '../support/shard-log.ts';

const HOUR_MS = 3_600_000;
const NO_COUNTS = { countedSecond: 0, secondRecords: 0, secondBytes: 0 };

describe.each(storeChoices())('the rules of reading on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  /** Reserves a position and does not write it: the writer has died. */
  async function crashedAppend(log: TestLog): Promise<void> {
    const tables = faultyTables(store.endpoint, once('crash', 'PutItem', 'records'));
    await expect(log.writer({}, tables).append('never written')).rejects.toThrow(Crashed);
  }

  /** The same log with the same clock, for a process whose calls go wrong. */
  function readerOn(log: TestLog, tables: Tables): TestLog {
    const reader = new TestLog(tables, log.shard);
    Object.defineProperty(reader, 'now', { value: log.now });
    return reader;
  }

  /** Puts a record, as a writer does whose clock shows `arrivalMs`. */
  const putAt = (log: TestLog, position: number, arrivalMs: number, changes: Partial<DataBatch> = {}) =>
    putBatch(store.tables, log.shard, {
      kind: 'data',
      position,
      arrivalMs,
      beforeMs: arrivalMs,
      writer: newId(),
      recordCount: 1,
      body: packRecords([logRecord({ partitionKey: 'key', data: Buffer.from(`${position}`) })]),
      ...NO_COUNTS,
      ...changes,
    });

  /** Puts a seal ahead, as a sealer does that dies right after its put. */
  const sealAhead = (log: TestLog, position: number, arrivalMs: number) =>
    putBatch(store.tables, log.shard, {
      kind: 'seal',
      ahead: true,
      position,
      arrivalMs,
      beforeMs: arrivalMs,
      writer: newId(),
      ...NO_COUNTS,
    });

  describe('a gap', () => {
    it('[R1] is looked at again, consistently, before anything is concluded from it', async () => {
      const log = await TestLog.open(store.tables);
      await crashedAppend(log);
      await log.writer().append('2');
      await log.writer().append('3');
      log.pass(2 * HOUR_MS);

      expect(await readerOn(log, forgetful(store.endpoint, 2)).readTexts()).toEqual(['2', '3']);
      expect(await log.layout()).toEqual(['fill 1', 'data 2', 'data 3']);
    });

    it('[R2] is judged by the clock before the look: nothing is passed that was put while the reader stood still', async () => {
      const log = await TestLog.open(store.tables);
      await crashedAppend(log);
      const putting = gate('PutItem', 'records');
      const victim = log.writer({}, faultyTables(store.endpoint, putting.plan)).append('victim');
      await putting.reached;
      await log.writer().append('third');
      let acknowledged = false;
      const tables = afterLook(store.endpoint, async () => {
        if (!acknowledged) {
          acknowledged = true;
          putting.open();
          expect(await victim).toMatchObject({ kind: 'appended', position: 2 });
          log.pass(1.5 * HOUR_MS);
        }
      });

      expect(await readerOn(log, tables).readTexts()).toEqual(['victim', 'third']);
    });

    it('[R2] of a page whose chunks are slow to come is as young as it was when the page was read', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append(incompressible(700_000));
      await crashedAppend(log);
      const putting = gate('PutItem', 'records');
      const victim = log.writer({}, faultyTables(store.endpoint, putting.plan)).append('victim');
      await putting.reached;
      await log.writer().append('last');
      log.pass(-9_000);
      const slow: FaultPlan = async (command) => {
        if (command === 'GetItem') {
          putting.open();
          await victim;
          log.pass(1.5 * HOUR_MS);
        }
        return 'pass' as const;
      };

      const read = await readerOn(log, faultyTables(store.endpoint, slow)).readTexts();

      expect(read.map((text) => text.slice(0, 6)).slice(1)).toEqual(['victim', 'last']);
    });

    it('[R4] is read again once it was filled: what was put meanwhile counts', async () => {
      const log = await TestLog.open(store.tables);
      await crashedAppend(log);
      const putting = gate('PutItem', 'records');
      const victim = log.writer({}, faultyTables(store.endpoint, putting.plan)).append('victim');
      await putting.reached;
      await log.writer().append('third');
      log.pass(1_500);
      const racing: FaultPlan = async (command, { Item }) => {
        if (command === 'PutItem' && Item.sk === 1) {
          putting.open();
          await victim;
        }
        return 'pass' as const;
      };

      expect(await readerOn(log, faultyTables(store.endpoint, racing)).readTexts()).toEqual(['victim', 'third']);
    });

    it('[R6] below a seal that is ahead is filled, never passed, as long as its chain may live', async () => {
      const log = await TestLog.open(store.tables, { guessing: true });
      await log.writer().append('1');
      await sealAhead(log, 5, log.now());
      log.pass(1.9 * HOUR_MS);

      expect(await log.read()).toMatchObject({ ended: true, records: [{}] });
      expect(await log.layout()).toEqual(['data 1', 'fill 2', 'fill 3', 'fill 4', 'seal 5']);
    });

    it('[R5] that was stamped by a clock which is ahead is filled, and nobody waits for that clock', async () => {
      const log = await TestLog.open(store.tables);
      const fast = new TestLog(store.tables, log.shard);
      fast.pass(600_000);
      await fast.writer().append('by a clock that is ahead');
      await crashedAppend(log);
      await log.writer().append('acknowledged');

      expect(await log.readTexts()).toEqual(['by a clock that is ahead', 'acknowledged']);
    });
  });

  describe('a fill', () => {
    it('[R7] outlives the batches around it, by whatever clock they came', async () => {
      const log = await TestLog.open(store.tables);
      const fast = new TestLog(store.tables, log.shard);
      fast.pass(1_800_000);
      await fast.writer().append('by a clock that is ahead');
      await crashedAppend(log);
      await sealShard(store.tables, log.shard, { now: log.now, writer: newId() });
      log.pass(2_000);
      await log.readTexts();

      await expectOutlived(log);
    });

    it('[R7] outlives the batch above, though its reader has not heard of a longer retention period', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append('before');
      await crashedAppend(log);
      log.retentionMs = 72 * HOUR_MS;
      await log.writer().append('by the longer period');
      log.pass(2_000);
      log.retentionMs = 24 * HOUR_MS;
      await log.readTexts();

      await expectOutlived(log);
    });

    async function expectOutlived(log: TestLog): Promise<void> {
      const [before, fill, after] = await log.batches();
      expect(fill?.kind).toBe('fill');
      expect(fill?.ttl).toBeGreaterThanOrEqual(Math.max(before?.ttl ?? 0, after?.ttl ?? 0));
    }

    it('[R8] by a reader whose clock is behind hides nothing from a search by time', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append('1');
      await log.writer().append('2');
      await crashedAppend(log);
      await log.writer().append('4');
      const slow = new TestLog(store.tables, log.shard);
      slow.pass(-1_800_000);
      await slow.readTexts();
      const [first] = await log.batches();

      expect(await log.layout()).toEqual(['data 1', 'data 2', 'fill 3', 'data 4']);
      expect(await positionAtTime(store.tables, log.shard, first?.arrivalMs ?? 0)).toBe(1);
    });

    it('[R8] below a seal that is ahead is as late as what its chain has come to', async () => {
      const log = await TestLog.open(store.tables, { guessing: true });
      const writer = log.writer();
      await writer.append('1');
      await sealAhead(log, 7, log.now());
      log.pass(4_000);
      await writer.append('late');
      await log.read({ position: 3, offset: 0 });
      const late = (await log.batches())[1];

      expect(await log.layout()).toEqual(['data 1', 'data 2', 'fill 3', 'fill 4', 'fill 5', 'fill 6', 'seal 7']);
      expect(await positionAtTime(store.tables, log.shard, (late?.arrivalMs ?? 0) - 200)).toBe(2);
    });
  });

  describe('fills above what a chain takes meanwhile', () => {
    it.each([
      {
        age: 'young',
        waitMs: 1_500,
        grownMs: 3_000,
        layout: ['data 1', 'data 2', 'fill 3', 'fill 4', 'fill 5', 'fill 6', 'seal 7'],
      },
      { age: 'old', waitMs: 2.1 * HOUR_MS, grownMs: 0, layout: ['data 1', 'data 2', 'fill 3', 'seal 7'] },
    ])('[R8] are as late, in a gap that is $age', async ({ waitMs, grownMs, layout }) => {
      const log = await TestLog.open(store.tables, { guessing: true });
      const writer = log.writer();
      await writer.append('1');
      await sealAhead(log, 7, log.now());
      if (grownMs === 0) {
        log.pass(4_000);
        await writer.append('late');
      }
      log.pass(waitMs);
      let raced = grownMs === 0;
      const racing: FaultPlan = async (command, { Item }) => {
        if (command === 'PutItem' && Item.kind === 'fill' && !raced) {
          raced = true;
          log.pass(grownMs);
          await writer.append('late');
        }
        return 'pass' as const;
      };
      await readerOn(log, faultyTables(store.endpoint, racing)).read({ position: grownMs === 0 ? 3 : 2, offset: 0 });
      const late = (await log.batches())[1];
      const seal = await sealShard(store.tables, log.shard, { now: log.now, writer: newId() });

      expect(await log.layout()).toEqual(layout);
      expect(await positionAtTime(store.tables, log.shard, (late?.arrivalMs ?? 0) - 200)).toBe(2);
      expect(seal?.endMs).toBeGreaterThanOrEqual(late?.arrivalMs ?? Number.POSITIVE_INFINITY);
    });
  });

  describe('what is over', () => {
    const large = (log: TestLog) => log.writer().append(incompressible(700_000));

    async function loseChunk(log: TestLog): Promise<void> {
      const [batch] = await log.batches();
      const Key = { pk: chunkPartition(log.shard, batch?.writer ?? ''), sk: 1 };
      await store.tables.client.delete({ TableName: store.tables.records, Key });
    }

    it('[R10] blocks nobody when a chunk has expired before its batch, though the retention period has grown', async () => {
      const log = await TestLog.open(store.tables);
      await large(log);
      log.pass(25.1 * HOUR_MS);
      await loseChunk(log);
      await log.writer().append('young');
      log.retentionMs = 48 * HOUR_MS;

      expect(await log.readTexts()).toEqual(['young']);
    });

    it('[R10] is no excuse for a chunk that is missing and cannot have expired', async () => {
      const log = await TestLog.open(store.tables);
      await large(log);
      log.pass(24.9 * HOUR_MS);
      await loseChunk(log);
      log.retentionMs = 48 * HOUR_MS;

      await expect(log.readTexts()).rejects.toThrow('a chunk of the batch at 1 is missing');
    });

    it('[R10] blocks nobody when chunks are those of another body, as an earlier version could leave them', async () => {
      const log = await TestLog.open(store.tables);
      await large(log);
      await log.writer().append('next');
      const [batch] = await log.batches();
      await store.tables.client.update({
        TableName: store.tables.records,
        Key: { pk: chunkPartition(log.shard, batch?.writer ?? ''), sk: 0 },
        UpdateExpression: 'SET body = :body',
        ExpressionAttributeValues: {
          ':body': packRecords([logRecord({ partitionKey: 'k', data: Buffer.from('other') })]),
        },
      });
      const damaged: string[] = [];
      const reader = new ShardReader(store.tables, log.now, newId, (what) => damaged.push(what));

      const result = await reader.read(request(log));

      expect(texts(result)).toEqual(['next']);
      expect(damaged).toEqual([expect.stringContaining('the batch at 1')]);
    });

    it('[R10] is told by what the retention period was when it was read: an increase may have come since', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append('kept');
      const retentionReadMs = log.now() + log.retentionMs - 1_000;
      log.pass(log.retentionMs + 3_000);
      const reader = new ShardReader(store.tables, log.now, newId);

      expect(texts(await reader.read({ ...request(log), retentionReadMs }))).toEqual(['kept']);
      expect(texts(await reader.read(request(log)))).toEqual([]);
    });

    it('[E3] stays over, and a gap in it is passed, though the retention period has grown', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append('removed');
      await log.writer().append('over');
      log.pass(25 * HOUR_MS);
      const trimmedMs = log.now() - 24 * HOUR_MS;
      await log.writer().append('young');
      const Key = { pk: `${log.shard.streamId}#shardId-000000000000`, sk: 1 };
      await store.tables.client.delete({ TableName: store.tables.records, Key });
      const reader = new ShardReader(store.tables, log.now, newId);

      const result = await reader.read({ ...request(log), retentionMs: 48 * HOUR_MS, trimmedMs });

      expect(texts(result)).toEqual(['young']);
    });

    const request = (log: TestLog) => ({
      shard: log.shard,
      from: { position: FIRST_POSITION, offset: 0 },
      maxRecords: 100,
      maxBytes: kinesisLimits.getRecordsBytes,
      retentionMs: log.retentionMs,
      notBeforeMs: 0,
    });
  });

  describe('a place by time', () => {
    it('[R11] lies above no record of that time or later, though times step back by a quarter of a second', async () => {
      const log = await TestLog.open(store.tables);
      const start = log.now();
      for (const [index, arrivalMs] of [0, 250, 10, 20, 260, 30].entries()) {
        await putAt(log, index + 1, start + arrivalMs);
      }

      for (const [afterMs, least] of [
        [200, 2],
        [250, 2],
        [255, 5],
      ] as const) {
        expect(await positionAtTime(store.tables, log.shard, start + afterMs)).toBeLessThanOrEqual(least);
      }
    });

    it('[R11] in a shard that was closed lies above no record that arrived while it was sealed', async () => {
      const log = await TestLog.open(store.tables, { guessing: true });
      const writer = log.writer();
      await writer.append('1');
      const grown = [['2'], ['3', '4'], ['late']];
      const racing: FaultPlan = async (command) => {
        for (const text of command === 'PutItem' ? (grown.shift() ?? []) : []) {
          log.pass(text === 'late' ? 2_900 : 0);
          await writer.append(text);
        }
        return 'pass' as const;
      };
      await sealShard(faultyTables(store.endpoint, racing), log.shard, { now: log.now, writer: newId() });
      log.pass(5_000);
      const late = (await log.batches())[4];
      const timeMs = (late?.arrivalMs ?? 0) - 200;

      const position = await positionAtTime(store.tables, log.shard, timeMs);

      // The search reads the fill at 6 before the record at 5.
      expect(await log.layout()).toEqual([...['data 1', 'data 2', 'data 3', 'data 4', 'data 5'], 'fill 6', 'seal 8']);
      expect(texts(await log.read({ position, offset: 0 }, 100, timeMs))).toEqual(['late']);
    });
  });
});

/** Tables whose eventually consistent reads do not see a position yet. */
function forgetful(endpoint: string, position: number): Tables {
  const tables = openTestTables(endpoint);
  const client = interceptCalls(tables.client, async (name, input, call) => {
    const output = await call(input);
    const isStale = name === 'Query' && !(input as QueryInput).ConsistentRead;
    return isStale ? { ...output, Items: output.Items?.filter(({ sk }) => sk !== position) } : output;
  });
  return { ...tables, client };
}

/** Tables that let something happen after each consistent read of the log, before its reader goes on. */
function afterLook(endpoint: string, happen: () => Promise<void>): Tables {
  const tables = openTestTables(endpoint);
  const client = interceptCalls(tables.client, async (name, input, call) => {
    const output = await call(input);
    if (name === 'Query' && (input as QueryInput).ConsistentRead) {
      await happen();
    }
    return output;
  });
  return { ...tables, client };
}
