import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Capacity } from '../../demo/capacity.ts';
import type { Stream } from '../../lib/model/stream.ts';
import { listStreams, putNewStream } from '../../lib/store/stream-item.ts';
import { metered } from '../../lib/store/tables.ts';
import { base64, TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';

/** DynamoDB bills half a unit for a query that finds nothing. dynalite counts no unit. */
const EMPTY_QUERY = process.env.TEST_ENGINE === 'dynalite' ? 0 : 0.5;

const SMALL = base64('x'.repeat(200));

/** The exact cost of requests in DynamoDB, without throttling. */
describe('in DynamoDB calls and capacity units', () => {
  const capacity = new Capacity();
  const clock = new TestClock();
  let api: TestApi;
  /** Another process on the same tables, and one that reserves every position. */
  let other: TestApi;
  let reserving: TestApi;

  beforeAll(async () => {
    const { meter } = capacity;
    // As deployed: records are stored compressed where units are paid for.
    const environment = { COMPRESS_ABOVE: '700' };
    api = await TestApi.start({ clock, meter, environment });
    const { store } = api.rivulet;
    other = await TestApi.start({ clock, meter, store, environment });
    reserving = await TestApi.start({ clock, meter, store, environment: { ...environment, GUESSING: 'off' } });
    await api.createStream('metered', 4);
    await api.createStream('reserved', 1);
    await api.createStream('batched', 4);
  });

  afterAll(async () => {
    await reserving.close();
    await other.close();
    await api.close();
  });

  async function costOf(action: string, input: object, process = api) {
    clock.nextSecond();
    // Makes the stream known to the process. The reads of the stream every few seconds are not counted here either.
    const { StreamName = 'metered' } = input as { readonly StreamName?: string };
    await process.ok('ListShards', { StreamName });
    capacity.take();
    await process.ok(action, input);
    return capacity.take();
  }

  const put = (StreamName: string, PartitionKey: string) => ({ StreamName, PartitionKey, Data: SMALL });

  async function known(process: TestApi, StreamName: string, StartingHashKey: string): Promise<object> {
    // A put to another shard makes the stream known, but nothing of the shard in question.
    await process.ok('PutRecord', { ...put(StreamName, 'x'), ExplicitHashKey: StartingHashKey });
    return put(StreamName, 'x');
  }

  const LAST_SHARD = (2n ** 128n - 1n).toString();

  it('the first PutRecord to a shard is three calls: a look, a reservation, a put', async () => {
    await known(api, 'metered', LAST_SHARD);

    const cost = await costOf('PutRecord', { ...put('metered', 'a'), ExplicitHashKey: '0' });

    expect(cost).toEqual({ calls: 3, readUnits: EMPTY_QUERY, writeUnits: 2 });
  });

  it('a PutRecord of 200 bytes is one call and one write unit', async () => {
    await api.ok('PutRecord', { ...put('metered', 'a'), ExplicitHashKey: '0' });

    const cost = await costOf('PutRecord', { ...put('metered', 'a'), ExplicitHashKey: '0' });

    expect(cost).toEqual({ calls: 1, readUnits: 0, writeUnits: 1 });
  });

  it('the first PutRecord of another process is a look more', async () => {
    await known(other, 'metered', LAST_SHARD);

    const cost = await costOf('PutRecord', { ...put('metered', 'a'), ExplicitHashKey: '0' }, other);

    expect(cost).toEqual({ calls: 2, readUnits: 0.5, writeUnits: 1 });
  });

  it('two processes that take turns pay for a look each time, once they have noticed', async () => {
    const input = { ...put('metered', 'a'), ExplicitHashKey: '0' };
    await api.ok('PutRecord', input);
    await other.ok('PutRecord', input);
    await api.ok('PutRecord', input);

    expect(await costOf('PutRecord', input, other)).toEqual({ calls: 2, readUnits: 0.5, writeUnits: 1 });
    expect(await costOf('PutRecord', input, api)).toEqual({ calls: 2, readUnits: 0.5, writeUnits: 1 });
  });

  it('a PutRecord by reservation is two calls and two write units', async () => {
    await reserving.ok('PutRecord', put('reserved', 'a'));
    await reserving.ok('PutRecord', put('reserved', 'a'));

    expect(await costOf('PutRecord', put('reserved', 'a'), reserving)).toEqual({
      calls: 2,
      readUnits: 0,
      writeUnits: 2,
    });
  });

  it('processes that put at once reserve, and pay two write units a record', async () => {
    const writers = [api, other, reserving];
    const puts = async (writer: TestApi) => {
      for (let i = 0; i < 40; i++) {
        await writer.ok('PutRecord', put('contended', 'a'));
      }
    };
    await api.createStream('contended', 1);
    await Promise.all(writers.map(puts));
    capacity.take();

    await Promise.all(writers.map(puts));

    // A busy machine makes some more calls, because the stream is read again every five seconds.
    expect(capacity.take().writeUnits).toBe(240);
  });

  it('a PutRecords of 500 JSON records of 1 KB to four shards is four calls and under half a unit a record', async () => {
    const Records = Array.from({ length: 500 }, (_, i) => ({
      PartitionKey: `key ${i}`,
      Data: base64(
        JSON.stringify({
          id: i,
          at: 1_700_000_000 + i * 7,
          values: Array.from({ length: 90 }, (_, j) => (i * j * 7919) % 100_003),
        }).padEnd(1_000),
      ),
    }));
    await api.ok('PutRecords', { StreamName: 'batched', Records });
    await api.ok('PutRecords', { StreamName: 'batched', Records });

    const { calls, readUnits, writeUnits } = await costOf('PutRecords', { StreamName: 'batched', Records });

    expect({ calls, readUnits }).toEqual({ calls: 4, readUnits: 0 });
    expect(writeUnits / 500).toBeLessThan(0.45);
  });

  it('a GetRecords at the tip is one call and half a read unit', async () => {
    const latest = { StreamName: 'metered', ShardId: '3', ShardIteratorType: 'LATEST' };
    const { ShardIterator } = await api.ok('GetShardIterator', latest);
    // The stream is read again after some seconds. The call that is measured comes after such a read.
    await api.ok('GetRecords', { ShardIterator });

    capacity.take();
    await api.ok('GetRecords', { ShardIterator });
    expect(capacity.take()).toEqual({ calls: 1, readUnits: EMPTY_QUERY, writeUnits: 0 });
  });

  it('a failed condition is a call and a unit too', async () => {
    const tables = metered(api.rivulet.store.tables, capacity.meter);
    const { streams } = await listStreams(tables, { limit: 1 });
    capacity.take();

    await putNewStream(tables, { ...(streams[0] as Stream), id: 'another' });

    // The put. An engine that returns no old items also needs the read that finds out why.
    const { calls, writeUnits } = capacity.take();
    expect(calls).toBeGreaterThanOrEqual(1);
    expect(writeUnits).toBe(1);
  });

  it('an idle stream is nothing', async () => {
    capacity.take();
    await new Promise((resolve) => setTimeout(resolve, 500));

    expect(capacity.take()).toEqual({ calls: 0, readUnits: 0, writeUnits: 0 });
  });
});
