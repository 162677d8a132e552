import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adoptTables } from '../../lib/workflows/adopt-tables.ts';
import { newId } from '../support/shard-log.ts';
import { base64, TestApi } from '../support/test-api.ts';

describe('a deployment that adopts tables', () => {
  let before: TestApi;
  let adopting: TestApi;
  const put = { StreamName: 'orders', PartitionKey: 'k', Data: base64('x') };

  beforeAll(async () => {
    before = await TestApi.start();
    await before.createStream('orders', 1);
    adopting = await TestApi.start({ store: before.rivulet.store, environment: { ADOPTED: 'on' } });
  });

  afterAll(async () => {
    await adopting.close();
    await before.close();
  });

  it('answers nothing before they are prepared, and everything after, without a restart', async () => {
    const first = [await adopting.call('PutRecord', put), await adopting.call('ListStreams', {})];
    await adoptTables({ tables: before.rivulet.store.tables, now: Date.now, newId });

    expect(first.map(({ status, body }) => [status, body.__type])).toEqual([
      [500, 'InternalFailure'],
      [500, 'InternalFailure'],
    ]);
    expect(JSON.stringify(first)).not.toContain('adopt');
    expect((await adopting.call('PutRecord', put)).status).toBe(200);
    expect((await adopting.ok('ListStreams', {})).StreamNames).toEqual(['orders']);
  });
});
