import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShardWriter } from '../../lib/log/append.ts';
import { logRecord } from '../../lib/log/batch-body.ts';
import { NoPositionWon } from '../../lib/log/claim.ts';
import { sealShard } from '../../lib/log/seal.ts';
import { kinesisLimits } from '../../lib/model/limits.ts';
import { putBatch } from '../../lib/store/batch-item.ts';
import { putChunks } from '../../lib/store/chunk-item.ts';
import { chunkPartition, tailKey } from '../../lib/store/table.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { type CallFault, type FaultPlan, faultyTables, gate } from '../support/faulty-tables.ts';
import { getTail, incompressible, newId, TestLog } from '../support/shard-log.ts';

const HOUR_MS = 3_600_000;

describe.each(storeChoices())('the rules of writing on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  describe('claiming a position', () => {
    it.each([
      ['the tail is not open', 'shardState = :v', 'PENDING', 'closed'],
      ['the tail is closed', 'shardState = :v', 'CLOSED', 'closed'],
    ])('[W1] reserves nothing where %s', async (_why, change, value, kind) => {
      const log = await TestLog.open(store.tables);
      await store.tables.client.update({
        TableName: store.tables.streams,
        Key: tailKey(log.shard),
        UpdateExpression: `SET ${change}`,
        ExpressionAttributeValues: { ':v': value },
      });

      expect(await log.writer().append('refused')).toEqual({ kind });
      expect(await getTail(store.tables, log.shard)).toMatchObject({ nextPosition: 1, secondRecords: 0 });
    });

    it('[W1] reserves nothing while a chain grows, but takes the place at its end', async () => {
      const log = await TestLog.open(store.tables, { guessing: true });
      await log.writer().append('link');
      // Moves to a second in which nothing was counted yet. So only the tail's `claims` can prevent a reservation.
      log.pass(2_000);

      const reserving = log.writer({}, store.tables, { guessing: false });

      expect(await reserving.append('last link')).toMatchObject({ position: 2 });
      expect(await getTail(store.tables, log.shard)).toMatchObject({ claims: 'GUESS', nextPosition: 2 });
    });

    it.each([...Array(12).keys()])(
      '[W3] acknowledges nothing whose claim is told as older than the deadline: standing still before look %i at the clock',
      async (look) => {
        const log = await TestLog.open(store.tables);
        let looks = 0;
        const now = () => {
          if (looks++ === look) {
            log.pass(11_000);
          }
          return log.now();
        };
        const limits = { ...kinesisLimits, throttling: false };
        const writer = new ShardWriter(store.tables, limits, now, newId, { guessing: false });
        const append = { shard: log.shard, retentionMs: log.retentionMs, shardCreatedMs: 0, encrypted: false };
        const records = [logRecord({ partitionKey: 'key', data: Buffer.from('x') })];

        const outcome = await writer.append({ ...append, records }).catch((error: Error) => error);

        const { reservedMs = 0 } = (await getTail(store.tables, log.shard)) ?? {};
        const age = log.now() - reservedMs;
        expect(outcome instanceof Error || age <= 10_000, `acknowledged at an age of ${age} ms`).toBe(true);
      },
    );

    it('[W9] gives records no arrival time before the creation of their shard, nor before those below', async () => {
      const log = await TestLog.open(store.tables);
      const fast = new TestLog(store.tables, log.shard);
      fast.pass(30_000);
      await fast.writer().append('by a clock that is ahead');
      const shardCreatedMs = log.now() + 5_000;
      await log.writer().append('by the own clock');
      const young = await TestLog.open(store.tables);
      await append(young, { shardCreatedMs }, 'in a shard of the next seconds');

      const [first, second] = await log.batches();

      expect(second?.arrivalMs).toBeGreaterThan((first?.arrivalMs ?? 0) - 250);
      expect((await young.batches()).map(({ arrivalMs }) => arrivalMs)).toEqual([shardCreatedMs]);
    });

    it('[W10] tells what it has not won within its deadline as a fault, and not as throttling', async () => {
      const log = await TestLog.open(store.tables, { guessing: true });
      const other = log.writer();
      await other.append('link');
      const alwaysLate: FaultPlan = async (command) => {
        if (command === 'PutItem') {
          await other.append('faster');
          log.pass(2_000);
        }
        return 'pass' as const;
      };

      await expect(log.writer({}, faultyTables(store.endpoint, alwaysLate)).append('never')).rejects.toThrow(
        NoPositionWon,
      );
      expect(await log.readTexts()).not.toContain('never');
    });

    it('[W10] tells which of its causes has throttled: the limit of the shard, or the load of DynamoDB', async () => {
      const log = await TestLog.open(store.tables);
      const limits = { throttling: true, shardRecordsPerSecond: 1, shardBytesPerSecond: 1_000 };
      log.pass(1_000 - (log.now() % 1_000));
      const writer = log.writer(limits);
      await writer.append('fits');

      const over = await writer.append('over');
      const loaded = await log
        .writer(
          {},
          faultyTables(store.endpoint, () => 'throttled'),
        )
        .append('loaded');

      expect(over).toEqual({ kind: 'throttled', cause: 'shard limit' });
      expect(loaded).toEqual({ kind: 'throttled', cause: 'store load' });
    });

    it('[W10] goes on above the batch that was faster, without another look', async () => {
      const log = await TestLog.open(store.tables, { guessing: true });
      const other = log.writer();
      await other.append('link');
      const calls: string[] = [];
      let races = 3;
      const racing: FaultPlan = async (command, { TableName = '' }) => {
        // An engine that returns no old item needs a read to get it.
        if (command !== 'GetItem') {
          calls.push(`${command} ${TableName.split('-').at(-1)}`);
        }
        if (command === 'PutItem' && --races >= 0) {
          await other.append('faster');
        }
        return 'pass' as const;
      };
      const lost: string[] = [];
      const writer = log.writer({}, faultyTables(store.endpoint, racing), {
        guessing: true,
        claimLost: () => lost.push('lost'),
      });

      expect(await writer.append('at last')).toMatchObject({ kind: 'appended' });

      expect(calls.slice(0, 6)).toEqual([
        'Query records',
        'PutItem records',
        'Query records',
        'PutItem records',
        'PutItem records',
        'PutItem records',
      ]);
      expect(lost).toHaveLength(3);
      expect(await log.readTexts()).toEqual(['link', 'faster', 'faster', 'faster', 'at last']);
    });
  });

  describe('storing a body', () => {
    it('[B1] is not damaged by a chunk of another body of the same append that arrives late', async () => {
      const log = await TestLog.open(store.tables, { guessing: true });
      log.pass(1_000 - (log.now() % 1_000));
      log.hold();
      const limits = { throttling: true, shardRecordsPerSecond: 1_000, shardBytesPerSecond: 1_000_000 };
      const other = log.writer(limits);
      const chunks: { pk: string; body: Uint8Array; ttl: number }[] = [];
      let raced = false;
      const racing: FaultPlan = async (command, input) => {
        if (command === 'UpdateItem' && input.TableName?.endsWith('records')) {
          const { Key, ExpressionAttributeValues } = input as unknown as ChunkUpdate;
          chunks.push({ pk: Key.pk, body: ExpressionAttributeValues[':body'], ttl: ExpressionAttributeValues[':ttl'] });
        }
        if (command === 'PutItem' && input.Item.chunks !== undefined && !raced) {
          raced = true;
          await other.append(incompressible(200_000), incompressible(200_000));
        }
        return 'pass' as const;
      };
      const writer = log.writer(limits, faultyTables(store.endpoint, racing));
      await writer.append('link');
      const outcome = await writer.append(incompressible(300_000), incompressible(290_000), incompressible(300_000));
      const before = await log.readTexts();

      const [first] = chunks;
      await putChunks(
        store.tables,
        log.shard,
        { writer: first?.pk.split('#').at(-1) ?? '', bytes: first?.body ?? new Uint8Array() },
        first?.ttl ?? 0,
      );

      expect(outcome).toMatchObject({ kind: 'appended', admitted: [0, 1] });
      expect(new Set(chunks.map(({ pk }) => pk)).size).toBe(2);
      expect(await log.readTexts()).toEqual(before);
    });

    it('[B2] puts a batch only when all of its chunks are there', async () => {
      const log = await TestLog.open(store.tables);
      let chunks = 0;
      const last = gate('UpdateItem', 'records');
      const calls: string[] = [];
      const holding: FaultPlan = (command, input) => {
        calls.push(command);
        const isLast = command === 'UpdateItem' && input.TableName?.endsWith('records') && ++chunks === 3;
        return isLast ? last.plan(command, input) : 'pass';
      };
      const append = log.writer({}, faultyTables(store.endpoint, holding)).append(incompressible(1_100_000));
      await last.reached;
      await new Promise((resolve) => setTimeout(resolve, 50));

      expect(calls).not.toContain('PutItem');
      last.open();
      expect(await append).toMatchObject({ kind: 'appended' });
      expect((await log.readTexts())[0]).toHaveLength(1_100_000);
    });

    it('[B3] leaves a chunk as it was first written, its expiry included', async () => {
      const log = await TestLog.open(store.tables);
      await putChunks(store.tables, log.shard, { writer: 'w', bytes: Buffer.from('first') }, 2_000_000_000);

      await putChunks(store.tables, log.shard, { writer: 'w', bytes: Buffer.from('second') }, 1_000_000_000);

      const { Item } = await chunk(log, 'w');
      expect(Item).toMatchObject({ ttl: 2_000_000_000, body: new Uint8Array(Buffer.from('first')) });
    });

    it('[B4] keeps chunks longer than their batch', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append(incompressible(700_000));
      const [batch] = await log.batches();

      const { Item } = await chunk(log, batch?.writer ?? '');

      expect(Item?.ttl).toBeGreaterThanOrEqual((batch?.ttl ?? 0) + 3_600);
    });

    it('[B4] stores a body anew for a batch that arrives so much later that its chunks would go first', async () => {
      const log = await TestLog.open(store.tables, { guessing: true });
      await log.writer().append('link');
      const fast = new TestLog(store.tables, log.shard, { guessing: true });
      fast.pass(1.5 * HOUR_MS);
      let raced = false;
      const racing: FaultPlan = async (command) => {
        if (command === 'PutItem' && !raced) {
          raced = true;
          await fast.writer({}, store.tables, { guessing: false }).append('by a clock that is ahead');
        }
        return 'pass' as const;
      };
      await log.writer({}, faultyTables(store.endpoint, racing)).append(incompressible(700_000));

      const batch = (await log.batches()).at(-1);
      const { Item } = await chunk(log, batch?.writer ?? '');

      expect(Item?.ttl).toBeGreaterThanOrEqual(batch?.ttl ?? 0);
      expect(batch?.arrivalMs).toBeGreaterThan(log.now() + HOUR_MS);
    });

    const chunk = (log: TestLog, writer: string) =>
      store.tables.client.get({
        TableName: store.tables.records,
        Key: { pk: chunkPartition(log.shard, writer), sk: 0 },
      });
  });

  describe('acknowledging', () => {
    it('[A1] never replaces what stands at a position', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append('first');
      const [first] = await log.batches();

      const outcome = await putBatch(store.tables, log.shard, {
        ...(first as NonNullable<typeof first>),
        writer: newId(),
      });

      expect(outcome).toMatchObject({ kind: 'taken', by: { writer: first?.writer } });
      expect(await log.batches()).toEqual([first]);
    });

    it('[A3] does not acknowledge by settings that were read too long ago', async () => {
      const log = await TestLog.open(store.tables);
      const settingsRead = { wallMs: log.now(), steadyMs: performance.now() };
      log.pass(19_000);
      expect(await append(log, { settingsRead }, 'in time')).toMatchObject({ kind: 'appended' });

      log.pass(1_500);

      await expect(append(log, { settingsRead }, 'too late')).rejects.toThrow('read too long ago');
    });

    it('[A4] moves on to no other position while it is not known what became of a put', async () => {
      const log = await TestLog.open(store.tables);
      const fates: (CallFault | 'pass')[] = ['answer-lost', 'request-lost', 'pass'];
      const positions: number[] = [];
      const unclear: FaultPlan = (command, { Item }) => {
        if (command !== 'PutItem') {
          return 'pass';
        }
        positions.push(Item.sk);
        return fates.shift() ?? 'pass';
      };

      expect(await log.writer({}, faultyTables(store.endpoint, unclear)).append('once')).toMatchObject({ position: 1 });
      expect(positions).toEqual([1, 1, 1]);
      expect(await log.readTexts()).toEqual(['once']);
    });

    it('[A5] writes nothing once it has met a seal, though the tail should say that the shard is open', async () => {
      const log = await TestLog.open(store.tables);
      await log.writer().append('last');
      await sealShard(store.tables, log.shard, { now: log.now, writer: newId() });
      await store.tables.client.update({
        TableName: store.tables.streams,
        Key: tailKey(log.shard),
        UpdateExpression: 'SET shardState = :open, nextPosition = :position',
        ExpressionAttributeValues: { ':open': 'OPEN', ':position': 2 },
      });

      expect(await log.writer().append('refused')).toEqual({ kind: 'closed' });
      expect(await log.layout()).toEqual(['data 1', 'seal 2']);
    });

    it('[A6] does not tell a put as throttled of which an attempt may have got through', async () => {
      const log = await TestLog.open(store.tables);
      const fates: CallFault[] = ['answer-lost'];
      const loaded: FaultPlan = (command) => {
        if (command !== 'PutItem') {
          return 'pass';
        }
        log.pass(3_000);
        return fates.shift() ?? 'throttled';
      };

      await expect(log.writer({}, faultyTables(store.endpoint, loaded)).append('unclear')).rejects.toThrow(
        'not confirmed before its deadline',
      );
      expect(await log.readTexts()).toEqual(['unclear']);
    });
  });

  function append(log: TestLog, changes: object, text: string) {
    const limits = { ...kinesisLimits, throttling: false };
    return new ShardWriter(store.tables, limits, log.now, newId, { guessing: false }).append({
      shard: log.shard,
      records: [logRecord({ partitionKey: 'key', data: Buffer.from(text) })],
      retentionMs: log.retentionMs,
      shardCreatedMs: 0,
      encrypted: false,
      ...changes,
    });
  }
});

interface ChunkUpdate {
  readonly Key: { readonly pk: string };
  readonly ExpressionAttributeValues: { readonly ':body': Uint8Array; readonly ':ttl': number };
}
