import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryBatches } from '../../lib/store/batch-item.ts';
import { sweep } from '../../local/expired-items.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { incompressible, TestLog } from '../support/shard-log.ts';

describe.each(storeChoices())('the sweeper on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  it('removes what has expired, chunks too, and nothing else', async () => {
    const log = await TestLog.open(store.tables);
    await log.writer().append('old');
    await log.writer().append(incompressible(700_000));
    log.pass(10 * 3_600_000);
    await log.writer().append('young');
    const positions = async () => {
      const { batches } = await queryBatches(store.tables, log.shard, 1, { limit: 10, consistent: true });
      return batches.map((batch) => batch.position);
    };
    const oldExpired = Math.ceil((Date.now() + 26 * 3_600_000) / 1000);

    expect(await sweep(store.tables, undefined, Math.floor(Date.now() / 1000))).toBeUndefined();
    expect(await positions()).toEqual([1, 2, 3]);
    await sweep(store.tables, undefined, oldExpired);

    expect(await positions()).toEqual([3]);
    expect(await log.readTexts()).toEqual(['young']);
    // Nothing expired is left, and no expired chunk either. Another sweep would find nothing to remove.
    const { Items = [] } = await store.tables.client.scan({ TableName: store.tables.records });
    expect(Items.filter((item) => (item.ttl as number) < oldExpired)).toEqual([]);
  });
});
