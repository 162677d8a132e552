import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HASH_KEY_SPACE } from '../../lib/model/hash-key.ts';
import { putRecords } from '../../lib/operations/records/put-records.ts';
import { createStream } from '../../lib/operations/streams/create-stream.ts';
import { updateStreamMode } from '../../lib/operations/streams/update-stream-mode.ts';
import { markBusy } from '../../lib/store/shard-item.ts';
import { ApiInstance } from '../support/api-instance.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { TestClock } from '../support/test-clock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let names = 0;

// Each reshard waits for the end of a second, so one engine has to be enough; the item that this needs is tried on every one below.
describe.each(storeChoices().slice(0, 1))('an on-demand stream on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  async function streamOf(environment: Record<string, string> = {}) {
    const clock = new TestClock();
    const instance = () =>
      new ApiInstance(store.endpoint, clock, undefined, {
        THROTTLING: 'on',
        LIMITS: '{"shardRecordsPerSecond":8}',
        ...environment,
      });
    const api = instance();
    const StreamName = `scaling-${choice.name}-${names++}`;
    await createStream.handle({ StreamName, StreamModeDetails: { StreamMode: 'ON_DEMAND' } } as never, api.deps);
    await api.finish();
    const open = async () => (await api.shards(StreamName)).filter(({ state }) => state === 'OPEN');
    /** Puts records to the shard with the lowest hash keys, in each of some seconds. */
    const put = async (records: number, seconds: number, by = api, hashKey = '0', isSpread = false) => {
      let failed = 0;
      for (let second = 0; second < seconds; second++) {
        clock.nextSecond();
        const Records = Array.from({ length: records }, (_, number) => ({
          PartitionKey: 'k',
          // Every second record is far from the key, in the other half of the first shard.
          ExplicitHashKey: isSpread && number % 2 === 0 ? String(BigInt(hashKey) + HASH_KEY_SPACE / 4n - 1n) : hashKey,
          Data: Buffer.from('data'),
        }));
        failed += (await putRecords.handle({ StreamName, Records } as never, by.deps)).FailedRecordCount ?? 0;
      }
      await by.finish();
      return failed;
    };
    return { clock, api, instance, StreamName, open, put };
  }

  it('doubles a shard ahead of need, when its seconds are more than half full, and nothing was refused', async () => {
    const { open, put: putTo, api } = await streamOf();

    const put = (records: number, seconds: number) => putTo(records, seconds, api, '0', true);
    expect(await put(4, 5)).toBe(0);
    expect(await open()).toHaveLength(4);
    expect(await put(5, 2)).toBe(0);
    // A burst of two seconds is no peak yet.
    expect(await open()).toHaveLength(4);
    expect(await put(5, 1)).toBe(0);
    expect(await open()).toHaveLength(5);
  });

  it('is not split again and again for one hot partition key: no split halves its load', async () => {
    const { open, put } = await streamOf();

    expect(await put(5, 12)).toBe(0);
    expect(await open()).toHaveLength(4);
  });

  it('is not merged as soon as it was provisioned for some days, with shards that were busy meanwhile', async () => {
    const { clock, api, open, put, StreamName, instance } = await streamOf();
    for (let times = 0; times < 4; times++) {
      await put(12, 1);
    }
    const shards = (await open()).length;
    const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
    for (const StreamMode of ['PROVISIONED', 'ON_DEMAND'] as const) {
      clock.pass(3 * DAY_MS);
      const input = { StreamARN, StreamModeDetails: { StreamMode } };
      await updateStreamMode.handle(input as never, api.deps);
      await api.finish();
    }
    const fresh = instance();
    await fresh.put(StreamName, 'record');
    await fresh.finish();

    expect(await open()).toHaveLength(shards);
  });

  it('never grows beyond the shards that its owner allows, whatever producers do', async () => {
    const { open, put, api } = await streamOf({
      LIMITS: '{"shardRecordsPerSecond":8,"onDemandMaxShards":6}',
    });
    const top = (HASH_KEY_SPACE - 1n).toString();
    for (let times = 0; times < 6; times++) {
      await put(12, 2);
      await put(12, 2, api, top);
    }

    expect(await open()).toHaveLength(6);
  });

  it('merges quiet neighbours after a day, down to the shards that it began with, and loses nothing', async () => {
    const { clock, api, open, put, StreamName } = await streamOf();
    for (let times = 0; times < 4; times++) {
      await put(12, 1);
    }
    const grown = (await open()).length;
    expect(grown).toBe(8);
    await put(1, 1);
    clock.pass(DAY_MS - 2 * HOUR_MS);
    await put(1, 1);
    expect(await open()).toHaveLength(8);

    const written: string[] = [];
    for (let day = 0; day < 4; day++) {
      clock.pass(DAY_MS / 2 + HOUR_MS);
      const name = `record ${day}`;
      await api.put(StreamName, name, { ExplicitHashKey: '0' });
      written.push(name);
      await api.finish();
    }

    expect(await open()).toHaveLength(4);
    const ranges = (await open()).map(({ hashKeyRange }) => hashKeyRange).sort((a, b) => (a.start < b.start ? -1 : 1));
    expect(ranges[0]?.start).toBe(0n);
    expect(ranges.at(-1)?.end).toBe(HASH_KEY_SPACE - 1n);
    const read: string[] = [];
    for (const { index } of await api.shards(StreamName)) {
      read.push(...(await api.readAll(StreamName, String(index))));
    }
    expect(read.filter((text) => text.startsWith('record')).sort()).toEqual(written.slice(-2));
    expect(api.logged).toEqual([]);
  });

  it('keeps a shard that was more than a quarter full within the day', async () => {
    const { clock, open, put } = await streamOf();
    for (let times = 0; times < 3; times++) {
      await put(12, 1);
    }
    const before = (await open()).length;
    for (let half = 0; half < 6; half++) {
      clock.pass(DAY_MS / 2);
      await put(3, 1);
      // The other side of the key space stays quiet.
      await put(1, 1, undefined, (HASH_KEY_SPACE - 1n).toString());
    }
    const lowest = (await open()).find(({ hashKeyRange }) => hashKeyRange.start === 0n);

    expect((await open()).length).toBeLessThanOrEqual(before);
    // It would have grown by a merge with its neighbour.
    expect(lowest?.busyMs).toBeGreaterThan(clock.now() - 2 * HOUR_MS);
    expect(lowest?.adjacentParentIndex).toBeUndefined();
  });

  it('is looked at again by the next put or read only, and not at all while nobody uses it', async () => {
    const { clock, api, open, put, StreamName, instance } = await streamOf();
    await put(12, 1);
    await put(12, 1);
    clock.pass(30 * DAY_MS);
    await api.finish();
    expect(await open()).toHaveLength(6);

    const reader = instance();
    await reader.readAll(StreamName, '0');
    await reader.finish();
    // Three pairs are quiet, but two merges are enough.
    expect(await open()).toHaveLength(4);
  });

  it('that was a provisioned one gets a day of its own, and keeps no fewer shards than its warm throughput has', async () => {
    const { clock, api, instance } = await streamOf();
    const StreamName = `provisioned-${choice.name}-${names++}`;
    await api.create(StreamName, 8);
    const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
    clock.pass(2 * DAY_MS);
    await updateStreamMode.handle({ StreamARN, StreamModeDetails: { StreamMode: 'ON_DEMAND' } } as never, api.deps);
    await api.finish();
    const used = async () => {
      const fresh = instance();
      await fresh.put(StreamName, 'record');
      await fresh.finish();
      return (await fresh.shards(StreamName)).filter(({ state }) => state === 'OPEN').length;
    };

    expect(await used()).toBe(8);
    clock.pass(DAY_MS - HOUR_MS);
    expect(await used()).toBe(8);
    clock.pass(2 * HOUR_MS);
    expect(await used()).toBe(4);
  });
});

describe.each(storeChoices())('the mark of a busy shard on $name', (choice: StoreChoice) => {
  it('is set on an open shard, once in a time', async () => {
    const store = await choice.open();
    const api = new ApiInstance(store.endpoint, new TestClock());
    const { id } = await api.create('marked');
    const shard = { streamId: id, shardIndex: 0 };
    const marks: (number | undefined)[] = [];
    for (const [nowMs, unlessMs] of [
      [1_000, 0],
      [1_500, 900],
      [2_000, 1_001],
    ] as const) {
      await markBusy(store.tables, shard, nowMs, unlessMs);
      marks.push((await api.shards('marked'))[0]?.busyMs);
    }
    await markBusy(store.tables, { ...shard, shardIndex: 9 }, 1, 0);

    expect(marks).toEqual([1_000, 1_000, 2_000]);
    expect(await api.shards('marked')).toHaveLength(1);
    await store.close();
  });
});
