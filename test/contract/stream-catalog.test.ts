import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { putNewShard } from '../../lib/store/shard-item.ts';
import { StreamCatalog } from '../../lib/store/stream-catalog.ts';
import { changeStream, getStream, putNewStream } from '../../lib/store/stream-item.ts';
import { getStreamResource, putStreamResource } from '../../lib/store/stream-resource-item.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { faultyTables, gate } from '../support/faulty-tables.ts';
import { newStream } from '../support/new-stream.ts';

describe.each(storeChoices())('the stream catalog on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  it('remembers a stream at rest, and forgets it when told', async () => {
    const stream = newStream({ status: 'ACTIVE', activated: true });
    await putNewStream(store.tables, stream);
    const catalog = new StreamCatalog(store.tables, Date.now);
    await catalog.get(stream.name);
    await changeStream(store.tables, stream, { retentionHours: 48 });

    expect((await catalog.get(stream.name))?.stream.retentionHours).toBe(24);
    catalog.forget(stream.name);
    expect((await catalog.get(stream.name))?.stream.retentionHours).toBe(48);
  });

  it('remembers no more shards than it may, and always those that it has read last', async () => {
    const streams = [0, 1, 2].map(() => newStream({ status: 'ACTIVE', activated: true }));
    for (const stream of streams) {
      await putNewStream(store.tables, stream);
      for (const index of [0, 1]) {
        const hashKeyRange = { start: BigInt(index), end: BigInt(index) };
        await putNewShard(store.tables, stream.id, { index, hashKeyRange, state: 'OPEN', createdSeconds: 1 });
      }
    }
    const [first, second, third] = streams.map(({ name }) => name) as [string, string, string];
    const catalog = new StreamCatalog(store.tables, Date.now, 4);
    const seen = () => streams.map(({ name }) => catalog.lastSeen(name) !== undefined);

    await catalog.get(first);
    await catalog.get(second);
    catalog.forget(first);
    await catalog.get(third);
    expect(seen()).toEqual([true, true, true]);
    await catalog.get(first);
    expect(seen()).toEqual([true, false, true]);

    const narrow = new StreamCatalog(store.tables, Date.now, 1);
    const entry = await narrow.get(first);
    expect(await narrow.get(first)).toBe(entry);
  });

  it('[C1] does not take for fresh what it read before its clock was set back', async () => {
    const stream = newStream({ status: 'ACTIVE', activated: true });
    await putNewStream(store.tables, stream);
    let aheadMs = 0;
    const catalog = new StreamCatalog(store.tables, () => Date.now() + aheadMs);
    await catalog.get(stream.name);
    await changeStream(store.tables, stream, { retentionHours: 48 });

    aheadMs = -30_000;

    expect((await catalog.get(stream.name))?.stream.retentionHours).toBe(48);
  });

  it('reads only the shards of a stream that was just looked at, and forgets that look too', async () => {
    const stream = newStream({ status: 'ACTIVE', activated: true });
    await putNewStream(store.tables, stream);
    const calls: string[] = [];
    const noted = faultyTables(store.endpoint, (command) => {
      calls.push(command);
      return 'pass';
    });
    const catalog = new StreamCatalog(noted, Date.now);

    await catalog.withPolicy(stream.name);
    await catalog.get(stream.name);
    await catalog.withPolicy(stream.name);
    expect(calls).toEqual(['GetItem', 'Query']);
    await changeStream(store.tables, stream, { mayHavePolicy: true });
    const policy = { tags: {}, policy: 'a policy' };
    await putStreamResource(store.tables, stream, policy, 0);
    catalog.forget(stream.name);
    expect((await catalog.withPolicy(stream.name))?.policy).toBe('a policy');
    await catalog.withPolicy(stream.name);
    expect(calls).toEqual(['GetItem', 'Query', 'GetItem', 'GetItem']);
  });

  it('finds the tags and the policy of a stream that was stored with them inside', async () => {
    const { mayHavePolicy: _, ...before } = newStream({ status: 'ACTIVE', activated: true });
    await putNewStream(store.tables, { ...before, tags: [['a', 'b']], policy: 'a policy' } as never);
    const stream = await getStream(store.tables, before.name);

    expect((await new StreamCatalog(store.tables, Date.now).withPolicy(before.name))?.policy).toBe('a policy');
    expect(await getStreamResource(store.tables, before)).toEqual({
      tags: { a: 'b' },
      policy: 'a policy',
      revision: 0,
    });
    expect(stream).not.toHaveProperty('policy');
    expect(await putStreamResource(store.tables, before, { tags: {}, policy: null }, 0)).toBe(true);
    expect(await getStreamResource(store.tables, before)).toEqual({ tags: {}, policy: null, revision: 1 });
    expect(await putStreamResource(store.tables, before, { tags: {}, policy: null }, 0)).toBe(false);
  });

  it('does not remember what was read before a change that it was told of', async () => {
    const stream = newStream({ status: 'ACTIVE', activated: true });
    await putNewStream(store.tables, stream);
    const { plan, reached, open } = gate('Query', 'streams');
    const catalog = new StreamCatalog(faultyTables(store.endpoint, plan), Date.now);
    const early = catalog.get(stream.name);
    await reached;
    await changeStream(store.tables, stream, { retentionHours: 48 });
    catalog.forget(stream.name);
    open();
    await early;

    expect((await catalog.get(stream.name))?.stream.retentionHours).toBe(48);
  });
});
