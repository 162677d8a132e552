import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decreaseStreamRetentionPeriod } from '../../lib/operations/streams/decrease-stream-retention-period.ts';
import { increaseStreamRetentionPeriod } from '../../lib/operations/streams/increase-stream-retention-period.ts';
import { type DataBatch, getBatch } from '../../lib/store/batch-item.ts';
import { keepObject, lifeUntil, objectExpirySeconds } from '../../lib/store/body-object.ts';
import { interceptObjectCalls, isObjectCall } from '../../lib/store/body-store.ts';
import { OBJECT_LIVES_DAYS } from '../../lib/store/object-lives.ts';
import { batchPartition } from '../../lib/store/table.ts';
import { metered } from '../../lib/store/tables.ts';
import { adoptTables } from '../../lib/workflows/adopt-tables.ts';
import { ApiInstance, faultOf } from '../support/api-instance.ts';
import { bodiesInS3, type TestStore } from '../support/engines.ts';
import type { S3Fault, S3Server } from '../support/s3-server.ts';
import { incompressible, newId, TestLog, texts } from '../support/shard-log.ts';
import { TestClock } from '../support/test-clock.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ABOVE = 10_000;
const LARGE = 30_000;

let store: TestStore;
let s3: S3Server;
let names = 0;

beforeAll(async () => {
  store = await bodiesInS3(ABOVE).open();
  s3 = store.objects as S3Server;
});

afterEach(() => {
  s3.plan = () => undefined;
  s3.now = Date.now;
});

afterAll(() => store.close());

const objectsOf = ({ shard }: TestLog) => s3.keys.filter((key) => key.includes(shard.streamId));

/** Answers the first requests with some method by these faults, one after the other. */
const faultsOf = (wanted: string, ...faults: (S3Fault | undefined)[]) => {
  s3.plan = (method) => (method === wanted ? faults.shift() : undefined);
};

describe('on embedded with S3, a large body', () => {
  it('is an object, and a small one stays in its batch', async () => {
    const log = await TestLog.open(store.tables);
    await log.writer().append('small');
    await log.writer().append(incompressible(LARGE));
    const [small, large] = (await log.batches()) as DataBatch[];

    expect(small).toMatchObject({ body: expect.anything() });
    expect(large).toMatchObject({ objectDays: 2, objectBytes: expect.any(Number) });
    expect(large?.body ?? large?.chunks).toBeUndefined();
    expect(large?.objectBytes).toBeGreaterThan(ABOVE);
    expect(objectsOf(log)).toEqual([`2d/${log.shard.streamId}/shardId-000000000000/${large?.writer}`]);
    expect((await log.readTexts()).map(({ length }) => length)).toEqual([5, LARGE]);
  });

  it('may have the ten MiB of a request, in one object and one small item', async () => {
    const log = await TestLog.open(store.tables);
    const records = Array.from({ length: 10 }, () => randomBytes(750_000).toString('base64'));
    await log.writer().append(...records);

    expect(objectsOf(log)).toHaveLength(1);
    expect(await log.readTexts()).toEqual(records);
  });

  it('[B1] gets a new name when other records are admitted, and a late put of the first harms nothing', async () => {
    const log = await TestLog.open(store.tables, { guessing: true });
    log.pass(1_000 - (log.now() % 1_000));
    log.hold();
    const limits = { throttling: true, shardRecordsPerSecond: 1_000, shardBytesPerSecond: 100_000 };
    const other = log.writer(limits);
    const puts: [key: string, bytes: Uint8Array][] = [];
    const bodies = store.tables.bodies as NonNullable<typeof store.tables.bodies>;
    const racing = {
      ...bodies,
      put: async (key: string, bytes: Uint8Array) => {
        puts.push([key, bytes]);
        await bodies.put(key, bytes);
        if (puts.length === 1) {
          await other.append(incompressible(20_000));
        }
      },
    };
    const writer = log.writer(limits, { ...store.tables, bodies: racing });
    await writer.append('link');
    const outcome = await writer.append(incompressible(40_000), incompressible(30_000), incompressible(20_000));
    const before = await log.readTexts();
    const [first] = puts;
    await bodies.put(first?.[0] ?? '', first?.[1] ?? new Uint8Array());

    expect(outcome).toMatchObject({ kind: 'appended', admitted: [0, 1] });
    expect(new Set(puts.map(([key]) => key)).size).toBe(2);
    expect(await log.readTexts()).toEqual(before);
  });

  it('[B2] is there before its batch: without it nothing is written, and nothing is acknowledged', async () => {
    const log = await TestLog.open(store.tables);
    faultsOf('PUT', 'request-lost', 'request-lost', 'request-lost');

    await expect(log.writer().append(incompressible(LARGE))).rejects.toThrow();
    expect(await log.layout()).toEqual([]);

    await log.writer().append(incompressible(LARGE));
    expect((await log.batches()).filter(({ kind }) => kind === 'data')).toHaveLength(1);
  });

  it.each<[string, S3Fault]>([
    ['is slow', { afterMs: 300 }],
    ['asks for fewer requests once', 'slow-down'],
    ['does not answer a put that it has stored', 'answer-lost'],
    ['loses a connection', 'request-lost'],
  ])('survives a bucket that %s', async (_what, fault) => {
    const log = await TestLog.open(store.tables);
    faultsOf('PUT', fault);
    const text = incompressible(LARGE);
    const outcome = await log.writer().append(text);
    faultsOf('GET', fault);

    expect(outcome.kind).toBe('appended');
    expect(await log.readTexts()).toEqual([text]);
  });

  it('[B1] survives an attempt that was given up and is applied later, and only in part', async () => {
    const log = await TestLog.open(store.tables);
    // Longer than the client waits. The connection is closed by then, so the server gets nothing of the body.
    faultsOf('PUT', { afterMs: 2_600 });
    const text = incompressible(LARGE);
    await log.writer().append(text);
    await until(async () => s3.pending === 0);

    expect(await log.readTexts()).toEqual([text]);
  });

  it.each(['once', 'always'])('is not waited for without end when its response stalls %s', async (how) => {
    const log = await TestLog.open(store.tables);
    const text = incompressible(LARGE);
    await log.writer().append(text);
    let stalls = 0;
    s3.plan = (method) => (method === 'GET' && (stalls++ === 0 || how === 'always') ? 'stalled' : undefined);

    const read = log.readTexts();
    await (how === 'once' ? expect(read).resolves.toEqual([text]) : expect(read).rejects.toThrow('in time'));
  });

  it('is throttling by the load of the store if the bucket keeps asking for fewer requests', async () => {
    const log = await TestLog.open(store.tables);
    s3.plan = () => 'slow-down';

    expect(await log.writer().append(incompressible(LARGE))).toEqual({ kind: 'throttled', cause: 'store load' });
    expect(await log.layout()).toEqual([]);
  });

  it('is never taken for expired before its time: a reader fails, and does not skip it', async () => {
    const log = await TestLog.open(store.tables);
    log.retentionMs = 7 * DAY_MS;
    await log.writer().append(incompressible(LARGE));
    await log.writer().append('next');
    for (const key of objectsOf(log)) {
      await s3.remove(key);
    }
    log.pass(6 * DAY_MS);

    await expect(log.read()).rejects.toThrow('the object of the batch at 1 is missing');
  });

  it('[R10] that has expired blocks nobody', async () => {
    const log = await TestLog.open(store.tables);
    log.retentionMs = 3 * DAY_MS;
    const batch = async (text: string) => log.writer().append(text);
    await batch(incompressible(LARGE));
    for (const key of objectsOf(log)) {
      await s3.remove(key);
    }
    log.pass(4 * DAY_MS);
    // A reader may believe in a longer retention period than the writer did.
    log.retentionMs = 9 * DAY_MS;
    await batch('next');

    expect(await log.readTexts()).toEqual(['next']);
  });

  it('is not fetched by a process that was told of no bucket: it must not take it for expired', async () => {
    const log = await TestLog.open(store.tables);
    await log.writer().append(incompressible(LARGE));
    const untold = new TestLog({ ...store.tables, bodies: undefined }, log.shard);

    await expect(untold.read()).rejects.toThrow('BODIES_BUCKET');
  });

  it('that is damaged is an error, and no record of it is passed over', async () => {
    const log = await TestLog.open(store.tables);
    await log.writer().append(incompressible(LARGE));
    const [key] = objectsOf(log);
    await store.tables.bodies?.put(key as string, Buffer.from([0, 1, 65, 0, 1, 66]));
    await log.writer().append(incompressible(LARGE));
    await store.tables.bodies?.put(key as string, Buffer.from([0, 1, 65, 0, 1, 66, 1, 65, 0, 1, 66]));

    await expect(log.read()).rejects.toThrow('bytes, not');
  });
});

describe('on embedded with S3, in calls and units', () => {
  it.each([LARGE, 500_000, 1_000_000])(
    'a body of %i bytes is one object, and its batch one write unit',
    async (size) => {
      const used = { objects: [] as string[], writeUnits: 0, readUnits: 0 };
      const log = await TestLog.open(store.tables);
      const tables = metered(store.tables, (command, { read, write }) => {
        used.writeUnits += write;
        used.readUnits += read;
        used.objects.push(...(isObjectCall(command) ? [command] : []));
      });
      await log.writer({}, tables).append(incompressible(size));
      const written = { ...used, objects: [...used.objects] };
      await new TestLog(tables, log.shard).read();

      // A reservation is the other unit.
      expect(written).toEqual({ objects: ['PutObject'], writeUnits: 2, readUnits: 0 });
      expect(used).toEqual({ objects: ['PutObject', 'GetObject'], writeUnits: 2, readUnits: 0.5 });
    },
  );
});

describe('on embedded with S3, a read of many large bodies', () => {
  async function countedLog(bodies: number) {
    const log = await TestLog.open(store.tables);
    for (let number = 0; number < bodies; number++) {
      await log.writer().append(`${number} ${incompressible(LARGE)}`);
    }
    let [running, most, all] = [0, 0, 0];
    const counted = interceptObjectCalls(store.tables.bodies as never, () => {});
    const tables = {
      ...store.tables,
      bodies: {
        ...counted,
        get: async (key: string) => {
          all += 1;
          running += 1;
          most = Math.max(most, running);
          return counted.get(key).finally(() => {
            running -= 1;
          });
        },
      },
    };
    return { reader: new TestLog(tables, log.shard), counts: () => ({ most, all }) };
  }

  it('fetches them side by side, but not too many, and gives them in their order', async () => {
    const { reader, counts } = await countedLog(20);

    expect((await reader.readTexts()).map((text) => Number.parseInt(text, 10))).toEqual([...Array(20).keys()]);
    expect(counts().all).toBe(20);
    expect(counts().most).toBeGreaterThan(2);
    expect(counts().most).toBeLessThanOrEqual(8);
  });

  it('fetches no more than the response takes', async () => {
    const { reader, counts } = await countedLog(6);

    expect(texts(await reader.read(undefined, 2))).toHaveLength(2);
    expect(counts().all).toBe(2);
  });

  it('fetches none of those that have expired, or that it skips', async () => {
    const { reader, counts } = await countedLog(3);
    reader.pass(2 * HOUR_MS);

    expect(texts(await reader.read(undefined, 10, reader.now() - HOUR_MS))).toEqual([]);
    reader.pass(DAY_MS);
    expect(texts(await reader.read())).toEqual([]);
    expect(counts().all).toBe(0);
  });
});

describe('on embedded with S3, the life of an object', () => {
  it('[B4] outlasts what it is kept for, and is one of the lives that the bucket has rules for', () => {
    const nowMs = Date.now();
    for (const hours of [25, 26, 49, 50, 100, 169, 337, 721, 8_761, 8_762]) {
      const until = Math.ceil(nowMs / 1_000) + hours * 3_600;
      const days = lifeUntil(until, nowMs);

      expect(OBJECT_LIVES_DAYS).toContain(days);
      expect(objectExpirySeconds(nowMs, days)).toBeGreaterThanOrEqual(until - 1);
    }
  });

  async function streamOf() {
    const clock = new TestClock();
    s3.now = clock.now;
    const name = `objects-${names++}`;
    const api = new ApiInstance(store.endpoint, clock);
    const { id } = await api.create(name);
    const lives = () => s3.keys.filter((key) => key.includes(id)).map((key) => Number.parseInt(key, 10));
    return { clock, name, api, lives };
  }

  it('[E6] follows every increase of the retention period, and nobody meets an object that is gone', async () => {
    const { clock, name, api, lives } = await streamOf();
    const text = incompressible(LARGE);
    await api.put(name, text);
    for (const [RetentionPeriodHours, expected] of [
      [48, [2, 4]],
      [168, [2, 4, 8]],
      [8_760, [2, 4, 8, 367]],
    ] as const) {
      await increaseStreamRetentionPeriod.handle({ StreamName: name, RetentionPeriodHours }, api.deps);
      clock.pass(70_000);
      await api.finish();
      expect(lives().sort((a, b) => a - b)).toEqual(expected);
    }
    for (let day = 0; day < 360; day += 30) {
      clock.pass(30 * DAY_MS);
      await s3.expire(() => true);
      expect(await new ApiInstance(store.endpoint, clock).readAll(name)).toEqual([text]);
    }
    expect(lives()).toEqual([367]);
  });

  it('[E6] is copied before the batch names the copy: a failed copy leaves the batch as it was', async () => {
    const { clock, name, api, lives } = await streamOf();
    const text = incompressible(LARGE);
    await api.put(name, text);
    await increaseStreamRetentionPeriod.handle({ StreamName: name, RetentionPeriodHours: 168 }, api.deps);
    clock.pass(70_000);
    const [task] = api.executions.splice(0);
    s3.plan = (method, key) => (method === 'PUT' && key.startsWith('8d/') ? 'slow-down' : undefined);

    await expect(api.carryOut(task as never)).rejects.toThrow();
    expect(await api.readAll(name)).toEqual([text]);
    expect(lives()).toEqual([2]);

    s3.plan = () => undefined;
    await api.carryOut(task as never);
    clock.pass(3 * DAY_MS);
    await s3.expire(() => true);
    expect(await new ApiInstance(store.endpoint, clock).readAll(name)).toEqual([text]);
  });

  it('is found by a batch of a restored table, which names an earlier life of it', async () => {
    const { clock, name, api, lives } = await streamOf();
    const text = incompressible(LARGE);
    await api.put(name, text);
    const shard = { streamId: (await api.stream(name)).id, shardIndex: 0 };
    const earlier = (await getBatch(store.tables, shard, 1)) as DataBatch;
    await increaseStreamRetentionPeriod.handle({ StreamName: name, RetentionPeriodHours: 168 }, api.deps);
    clock.pass(70_000);
    await api.finish();
    clock.pass(3 * DAY_MS);
    await s3.expire(() => true);
    const { position, ...attributes } = earlier;
    const Item = { pk: batchPartition(shard), sk: position, ...attributes };
    await store.tables.client.put({ TableName: store.tables.records, Item });

    expect(await new ApiInstance(store.endpoint, clock).readAll(name)).toEqual([text]);
    await adoptTables({ tables: store.tables, now: clock.now, newId });
    // Nobody knows how old that copy is, so it is not relied on.
    expect(await getBatch(store.tables, shard, 1)).toMatchObject({ objectDays: 15 });
    expect(lives().sort((a, b) => a - b)).toEqual([8, 15]);
  });

  it('[E6] is missed before its time by whoever moves the expiry: another bucket must not let records expire', async () => {
    const { clock, name, api } = await streamOf();
    const text = incompressible(LARGE);
    await api.put(name, text);
    const shard = { streamId: (await api.stream(name)).id, shardIndex: 0 };
    const batch = (await getBatch(store.tables, shard, 1)) as DataBatch;
    const until = Math.floor(clock.now() / 1_000) + 8 * 86_400;
    const elsewhere = { bodies: s3.bodies(ABOVE, 'another') };

    await expect(keepObject(elsewhere, shard, batch, until, clock.now())).rejects.toThrow();
    for (const key of s3.keys.filter((candidate) => candidate.includes(shard.streamId))) {
      await s3.remove(key);
    }
    await expect(keepObject(store.tables, shard, batch, until, clock.now())).rejects.toThrow('before its time');
    clock.pass(3 * DAY_MS);
    expect(await keepObject(store.tables, shard, batch, until, clock.now())).toBeUndefined();
  });

  it('[E6] lets no other record expire when one is lost, and its own readers are told', async () => {
    const { clock, name, api } = await streamOf();
    await api.put(name, incompressible(LARGE));
    const [lost] = s3.keys.slice(-1);
    await api.put(name, incompressible(LARGE));
    await s3.remove(lost as string);
    await increaseStreamRetentionPeriod.handle({ StreamName: name, RetentionPeriodHours: 168 }, api.deps);
    clock.pass(70_000);
    await api.finish();

    const shard = { streamId: (await api.stream(name)).id, shardIndex: 0 };
    expect(await getBatch(store.tables, shard, 2)).toMatchObject({ objectDays: 8 });
    expect(api.logged.join()).toContain('a body is lost');
    await expect(new ApiInstance(store.endpoint, clock).readAll(name)).rejects.toThrow();
  });

  it('stays as it is when the retention period shrinks', async () => {
    const { clock, name, api, lives } = await streamOf();
    await increaseStreamRetentionPeriod.handle({ StreamName: name, RetentionPeriodHours: 168 }, api.deps);
    await api.finish();
    await api.put(name, incompressible(LARGE));
    await decreaseStreamRetentionPeriod.handle({ StreamName: name, RetentionPeriodHours: 24 }, api.deps);
    clock.pass(25 * HOUR_MS);

    expect(lives()).toEqual([8]);
    expect(await new ApiInstance(store.endpoint, clock).readAll(name)).toEqual([]);
  });
});

describe('on embedded with S3, a put to a bucket that is down', () => {
  it('fails as one that clients repeat, and small records are taken all the same', async () => {
    const api = new ApiInstance(store.endpoint, new TestClock());
    await api.create('down');
    s3.plan = () => 'request-lost';

    expect(await faultOf(api.put('down', incompressible(LARGE)))).toBe('InternalFailure');
    await api.put('down', 'small');
    s3.plan = () => undefined;
    await api.put('down', 'later');

    expect(await api.readAll('down')).toEqual(['small', 'later']);
  });
});
