import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Capacity } from '../../demo/capacity.ts';
import { readConfiguration } from '../../lib/configuration.ts';
import type { Stream } from '../../lib/model/stream.ts';
import { listStreams, putNewStream } from '../../lib/store/stream-item.ts';
import { openTables } from '../../lib/store/tables.ts';
import { availableEngines } from '../../local/dynamodb.ts';
import { base64, TestApi } from '../support/test-api.ts';

/** What a request costs in DynamoDB, exactly: warm, without throttling, with one writer. */
describe('in DynamoDB calls and capacity units', () => {
  const capacity = new Capacity();
  let api: TestApi;

  beforeAll(async () => {
    api = await TestApi.start({ meter: capacity.meter });
    await api.createStream('metered', 4);
    await api.ok('PutRecord', { StreamName: 'metered', PartitionKey: 'a', Data: '' });
  });

  afterAll(() => api.close());

  async function costOf(action: string, input: object) {
    // A reservation that meets a new second it did not expect is refused once: that is not what is counted here.
    await new Promise((resolve) => setTimeout(resolve, 1_010 - (Date.now() % 1_000)));
    capacity.take();
    await api.ok(action, input);
    return capacity.take();
  }

  it('a PutRecord of 200 bytes is two calls and two write units', async () => {
    const input = { StreamName: 'metered', PartitionKey: 'a', Data: base64('x'.repeat(200)) };

    expect(await costOf('PutRecord', input)).toEqual({ calls: 2, readUnits: 0, writeUnits: 2 });
  });

  it('a PutRecords of 500 JSON records of 1 KB to four shards is eight calls and under half a unit a record', async () => {
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

    const { calls, readUnits, writeUnits } = await costOf('PutRecords', { StreamName: 'metered', Records });

    expect({ calls, readUnits }).toEqual({ calls: 8, readUnits: 0 });
    expect(writeUnits / 500).toBeLessThan(0.5);
  });

  it('a GetRecords at the tip is one call and half a read unit', async () => {
    const latest = { StreamName: 'metered', ShardId: '3', ShardIteratorType: 'LATEST' };
    const { ShardIterator } = await api.ok('GetShardIterator', latest);
    // The stream is looked up again after some seconds; this is the call after such a one.
    await api.ok('GetRecords', { ShardIterator });

    capacity.take();
    await api.ok('GetRecords', { ShardIterator });
    // DynamoDB bills half a unit for a query that finds nothing; dynalite counts it as none.
    const readUnits = availableEngines()[0] === 'dynalite' ? 0 : 0.5;
    expect(capacity.take()).toEqual({ calls: 1, readUnits, writeUnits: 0 });
  });

  it('a failed condition is a call and a unit too', async () => {
    const tables = openTables(readConfiguration(api.rivulet.environment), capacity.meter);
    const { streams } = await listStreams(tables, { limit: 1 });
    capacity.take();

    await putNewStream(tables, { ...(streams[0] as Stream), id: 'another' });

    // The put, and on an engine that returns no old items the read that finds out why.
    const { calls, writeUnits } = capacity.take();
    expect(calls).toBeGreaterThanOrEqual(1);
    expect(writeUnits).toBe(1);
    tables.client.destroy();
  });

  it('an idle stream is nothing', async () => {
    capacity.take();
    await new Promise((resolve) => setTimeout(resolve, 500));

    expect(capacity.take()).toEqual({ calls: 0, readUnits: 0, writeUnits: 0 });
  });
});
