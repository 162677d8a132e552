import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latestPosition } from '../../lib/log/locate.ts';
import { LEAP } from '../../lib/log/protocol.ts';
import { sealShard } from '../../lib/log/seal.ts';
import { putBatch } from '../../lib/store/batch-item.ts';
import { chooseSealPosition } from '../../lib/store/tail-state.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { type FaultPlan, faultyTables, gate } from '../support/faulty-tables.ts';
import { getTail, newId, TestLog } from '../support/shard-log.ts';

const HOUR_MS = 3_600_000;

describe.each(storeChoices())('the rules of sealing on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  const seal = (log: TestLog, tables = store.tables) => sealShard(tables, log.shard, { now: log.now, writer: newId() });

  const open = () => TestLog.open(store.tables, { guessing: true });

  it('[S1] puts no seal before the tail has closed', async () => {
    const log = await TestLog.open(store.tables);
    await log.writer().append('last');
    const refused: unknown[] = [];
    const asking: FaultPlan = async (command) => {
      if (command === 'PutItem') {
        refused.push(await log.writer().append('refused'));
      }
      return 'pass' as const;
    };

    await seal(log, faultyTables(store.endpoint, asking));

    expect(refused).toEqual([{ kind: 'closed' }]);
    expect(await log.layout()).toEqual(['data 1', 'seal 2']);
  });

  it('[S2] puts the seal above a reservation whose batch is not there yet', async () => {
    const log = await TestLog.open(store.tables);
    const { plan, reached, open: release } = gate('PutItem', 'records');
    const underWay = log.writer({}, faultyTables(store.endpoint, plan)).append('under way');
    await reached;

    await seal(log);
    release();

    expect(await underWay).toMatchObject({ kind: 'appended', position: 1 });
    expect(await log.layout()).toEqual(['data 1', 'seal 2']);
  });

  it('[S3] comes to one seal, however two sealers of a growing chain meet', async () => {
    const log = await open();
    const writer = log.writer();
    await writer.append('1');
    const held = gate('PutItem', 'records');
    let raced = false;
    const slow = seal(
      log,
      faultyTables(store.endpoint, async (command, input) => {
        if (command === 'PutItem' && !raced) {
          raced = true;
          await writer.append('2');
          return 'pass';
        }
        return held.plan(command, input);
      }),
    );
    await held.reached;
    // By now, the slow sealer has chosen a position further up. It does not put the seal there for a while.
    const quick = await seal(log);
    log.pass(2_500);
    held.open();

    expect((await slow)?.position).toBe(quick?.position);
    expect((await log.layout()).filter((batch) => batch.startsWith('seal'))).toHaveLength(1);
    expect(await latestPosition(store.tables, log.shard)).toBe(quick?.position);
  });

  it('[S3] moves a choice only where it was found taken', async () => {
    const log = await open();
    await log.writer().append('1');

    expect(await chooseSealPosition(store.tables, log.shard, 2, undefined)).toBe(2);
    expect(await chooseSealPosition(store.tables, log.shard, 5, undefined)).toBe(2);
    expect(await chooseSealPosition(store.tables, log.shard, 5, 3)).toBe(2);
    expect(await chooseSealPosition(store.tables, log.shard, 5, 2)).toBe(5);
    expect(await getTail(store.tables, log.shard)).toMatchObject({ sealPosition: 5 });
  });

  it('[S3] chooses anew where a chain has been forgotten since', async () => {
    const log = await open();
    await log.writer().append('expired');
    await chooseSealPosition(store.tables, log.shard, 2, undefined);
    log.pass(13 * HOUR_MS);

    expect((await seal(log))?.position).toBe(2 + LEAP);
  });

  it('[S4] does not count the log as ended before its chain is broken', async () => {
    const log = await open();
    const writer = log.writer();
    await writer.append('1');
    const breaking = gate('PutItem', 'records');
    let puts = 0;
    const racing: FaultPlan = async (command, input) => {
      if (command === 'PutItem' && ++puts === 1) {
        await writer.append('2');
      }
      return puts === 3 ? breaking.plan(command, input) : 'pass';
    };
    const sealing = seal(log, faultyTables(store.endpoint, racing));
    await breaking.reached;
    let hasEnded = false;
    sealing.then(() => {
      hasEnded = true;
    });
    const late = await writer.append('late');

    expect(hasEnded).toBe(false);
    breaking.open();
    await sealing;
    expect(late).toMatchObject({ kind: 'appended', position: 3 });
    expect(await writer.append('refused')).toEqual({ kind: 'closed' });
  });

  it('[S5] tells an end that is not before any record, also of a chain that grew while it was sealed', async () => {
    const log = await open();
    const writer = log.writer();
    await writer.append('old');
    const acknowledged: number[] = [];
    let puts = 0;
    const racing: FaultPlan = async (command) => {
      if (command === 'PutItem' && ++puts <= 2) {
        log.pass(1_500);
        const outcome = await writer.append(`late ${puts}`);
        acknowledged.push(outcome.kind === 'appended' ? outcome.arrivalMs : Number.POSITIVE_INFINITY);
      }
      return 'pass' as const;
    };

    const sealed = await seal(log, faultyTables(store.endpoint, racing));

    expect(acknowledged).toHaveLength(2);
    expect(sealed?.endMs).toBeGreaterThanOrEqual(Math.max(...acknowledged));
    expect((await seal(log))?.endMs).toBeGreaterThanOrEqual(Math.max(...acknowledged));
  });

  it('[S5] tells an end that is not before a reservation whose batch is not there yet', async () => {
    const log = await TestLog.open(store.tables);
    const fast = new TestLog(store.tables, log.shard);
    fast.pass(20_000);
    const { plan, reached, open: release } = gate('PutItem', 'records');
    const underWay = fast.writer({}, faultyTables(store.endpoint, plan)).append('by a clock that is ahead');
    await reached;

    const sealed = await seal(log);
    release();

    expect(sealed?.endMs).toBeGreaterThanOrEqual(arrivalOf(await underWay));
  });

  it('reads a log that an earlier version has sealed twice up to the lower seal', async () => {
    const log = await open();
    await log.writer().append('1');
    await seal(log);
    await putBatch(store.tables, log.shard, {
      kind: 'seal',
      position: 4,
      arrivalMs: log.now(),
      beforeMs: log.now(),
      writer: newId(),
      countedSecond: 0,
      secondRecords: 0,
      secondBytes: 0,
    });

    expect(await log.read()).toMatchObject({ ended: true, records: [{}], next: { position: 2 } });
    expect(await latestPosition(store.tables, log.shard)).toBe(2);
    expect(await log.writer().append('refused')).toEqual({ kind: 'closed' });
    expect(await seal(log)).toMatchObject({ position: 4 });
  });
});

const arrivalOf = (outcome: { readonly kind: string }): number =>
  'arrivalMs' in outcome ? (outcome.arrivalMs as number) : Number.POSITIVE_INFINITY;
