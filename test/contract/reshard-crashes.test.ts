import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../lib/configuration.ts';
import { createDeps } from '../../lib/create-deps.ts';
import type { Deps } from '../../lib/deps.ts';
import { HASH_KEY_SPACE } from '../../lib/model/hash-key.ts';
import type { Shard } from '../../lib/model/shard.ts';
import type { Stream, Transition } from '../../lib/model/stream.ts';
import { splitHotShards } from '../../lib/operations/on-demand.ts';
import { listShards } from '../../lib/store/shard-item.ts';
import { changeStream, getStream, putNewStream } from '../../lib/store/stream-item.ts';
import { getTail } from '../../lib/store/tail-item.ts';
import { advance } from '../../lib/workflows/advance.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { Crashed, faultyTables } from '../support/faulty-tables.ts';
import { newId } from '../support/shard-log.ts';

const SPLIT = {
  kind: 'SPLIT',
  splits: [{ shardIndex: 0, newStartingHashKey: (HASH_KEY_SPACE / 2n).toString() }],
} as const;

describe.each(storeChoices())('a transition on $name', (choice: StoreChoice) => {
  let store: TestStore;

  beforeAll(async () => {
    store = await choice.open();
  });

  afterAll(() => store.close());

  function depsOn(tables: TestStore['tables']): Deps {
    const configuration = readConfiguration({
      ACCOUNT_ID: '000000000000',
      AWS_REGION: 'us-east-1',
      STREAMS_TABLE: 'contract-streams',
      RECORDS_TABLE: 'contract-records',
      AWS_ENDPOINT_URL_DYNAMODB: store.endpoint,
    });
    const deps = createDeps(configuration, { workflows: { start: async () => {} }, log: { error: () => {} } });
    return { ...deps, tables };
  }

  const run = () => ({ id: newId(), startedMs: Date.now(), notBeforeMs: Date.now() });

  async function newStream(): Promise<Stream> {
    const stream: Stream = {
      name: newId().replace(/^-/, '_'),
      id: newId(),
      revision: 1,
      status: 'CREATING',
      mode: 'PROVISIONED',
      createdMs: Math.floor(Date.now() / 1000) * 1000,
      retentionHours: 24,
      maxRecordKiB: 1024,
      openShardCount: 1,
      nextShardIndex: 1,
      activated: false,
      tags: {},
      shardLevelMetrics: [],
      keyId: null,
      warmMiBps: null,
      warmTargetMiBps: null,
      policy: null,
      calledMs: {},
      transition: { ...run(), kind: 'CREATE' },
    };
    await putNewStream(store.tables, stream);
    return stream;
  }

  /** Takes steps until the transition is done. @returns false when the process stopped on the way */
  async function finish(stream: Stream, transition: Transition, deps: Deps): Promise<boolean> {
    const task = { streamName: stream.name, streamId: stream.id, runId: transition.id, notBefore: '' };
    try {
      for (let steps = 0; steps < 20; steps++) {
        if ((await advance(task, deps)).done) {
          return true;
        }
      }
    } catch (error) {
      if (!(error instanceof Crashed)) {
        throw error;
      }
      return false;
    }
    throw new Error('the transition did not end');
  }

  async function split(stream: Stream): Promise<Transition> {
    const current = (await getStream(store.tables, stream.name)) as Stream;
    const transition = { ...run(), ...SPLIT };
    await changeStream(store.tables, current, { status: 'UPDATING', transition });
    return transition;
  }

  /** Whether everything that the world is told of the stream is so. */
  async function expectWhole(stream: Stream, openShards: number): Promise<void> {
    const shards = await listShards(store.tables, stream.id);
    const open = shards.filter((shard) => shard.state === 'OPEN');
    expect(shards.filter((shard) => shard.state === 'PENDING')).toEqual([]);
    expect(open).toHaveLength(openShards);
    expect((await getStream(store.tables, stream.name))?.status).toBe('ACTIVE');
    for (const { index, state } of shards) {
      expect((await getTail(store.tables, { streamId: stream.id, shardIndex: index }))?.shardState).toBe(state);
    }
  }

  it.each(['CREATE', 'SPLIT'] as const)(
    'that stops before any of its writes is finished by the next run: %s',
    async (kind) => {
      for (let crashAt = 1; ; crashAt++) {
        const stream = await newStream();
        let transition = stream.transition as Transition;
        if (kind === 'SPLIT') {
          await finish(stream, transition, depsOn(store.tables));
          transition = await split(stream);
        }
        let writes = 0;
        const crashing = faultyTables(store.endpoint, (command) =>
          command !== 'Query' && command !== 'GetItem' && ++writes >= crashAt ? 'crash' : 'pass',
        );
        const survived = await finish(stream, transition, depsOn(crashing));

        expect(await finish(stream, transition, depsOn(store.tables))).toBe(true);

        await expectWhole(stream, kind === 'SPLIT' ? 2 : 1);
        if (survived) {
          expect(crashAt).toBeGreaterThan(kind === 'SPLIT' ? 8 : 2);
          return;
        }
      }
    },
  );

  it('that names a shard which is not open gives up, and the stream is ACTIVE again', async () => {
    const stream = await newStream();
    const deps = depsOn(store.tables);
    await finish(stream, stream.transition as Transition, deps);
    await finish(stream, await split(stream), deps);

    await finish(stream, await split(stream), deps);

    await expectWhole(stream, 2);
  });

  it('that on-demand scaling begins names only shards that are open by now', async () => {
    const stream = { ...(await newStream()), mode: 'ON_DEMAND' as const };
    const deps = depsOn(store.tables);
    await finish(stream, stream.transition as Transition, deps);
    await changeStream(store.tables, (await getStream(store.tables, stream.name)) as Stream, { mode: 'ON_DEMAND' });
    const [hot] = await listShards(store.tables, stream.id);
    const reference = { streamName: stream.name, accountId: '000000000000' };
    const scaled = async () => {
      await splitHotShards(reference, [hot as Shard], depsOn(store.tables));
      return (await getStream(store.tables, stream.name))?.transition;
    };

    const first = await scaled();
    await finish(stream, first as Transition, deps);

    expect(first).toMatchObject({ kind: 'SPLIT' });
    expect(await scaled()).toBeUndefined();
    await expectWhole(stream, 2);
  });

  it('whose answer was lost is not taken for another one', async () => {
    const stream = await newStream();
    await finish(stream, stream.transition as Transition, depsOn(store.tables));
    const current = (await getStream(store.tables, stream.name)) as Stream;
    const transition = { ...run(), ...SPLIT };
    await changeStream(store.tables, current, { status: 'UPDATING', transition });

    expect(await changeStream(store.tables, current, { status: 'UPDATING', transition })).toBe(true);
    expect(await changeStream(store.tables, current, { status: 'UPDATING', transition: { ...run(), ...SPLIT } })).toBe(
      false,
    );
    expect(await putNewStream(store.tables, stream)).toBe(true);
    expect(await putNewStream(store.tables, { ...stream, id: newId() })).toBe(false);
  });
});
