import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../lib/configuration.ts';
import { createDeps } from '../../lib/create-deps.ts';
import type { Deps } from '../../lib/deps.ts';
import { HASH_KEY_SPACE } from '../../lib/model/hash-key.ts';
import type { Shard } from '../../lib/model/shard.ts';
import { formatShardIterator } from '../../lib/model/shard-iterator.ts';
import type { Stream, Transition } from '../../lib/model/stream.ts';
import { getRecords } from '../../lib/operations/records/get-records.ts';
import { splitHotShards } from '../../lib/operations/records/on-demand.ts';
import { listShards } from '../../lib/store/shard-item.ts';
import { changeStream, getStream, putNewStream } from '../../lib/store/stream-item.ts';
import { advance } from '../../lib/workflows/advance.ts';
import { type StoreChoice, storeChoices, type TestStore } from '../support/engines.ts';
import { Crashed, faultyTables } from '../support/faulty-tables.ts';
import { newStream } from '../support/new-stream.ts';
import { getTail, newId } from '../support/shard-log.ts';

const SPLIT = {
  kind: 'SPLIT',
  splits: [{ shardIndex: 0, newStartingHashKey: (HASH_KEY_SPACE / 2n).toString() }],
} as const;

/** A clock that is always near the end of a second, so that reshards need not wait for that. */
const lateInSecond = () => Math.floor(Date.now() / 1000) * 1000 + 960;

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
    return createDeps(configuration, {
      tables,
      workflows: { start: async () => {} },
      log: { error: () => {} },
      now: lateInSecond,
    });
  }

  const run = () => ({ id: newId(), startedMs: Date.now(), notBeforeMs: Date.now() });

  async function creatingStream(): Promise<Stream> {
    const stream = newStream({ transition: { ...run(), kind: 'CREATE' } });
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

  /** Expects that everything that clients see of the stream is complete, and that shards agree with their tails. */
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

  /** Expects that no child gives positions, and that no child is visible, before its parents are closed. */
  async function expectOrdered(stream: Stream): Promise<void> {
    const shards = await listShards(store.tables, stream.id);
    const tailState = async (shardIndex: number) =>
      (await getTail(store.tables, { streamId: stream.id, shardIndex }))?.shardState;
    for (const child of shards) {
      if (child.parentIndex !== undefined && (child.state === 'OPEN' || (await tailState(child.index)) === 'OPEN')) {
        expect(await tailState(child.parentIndex)).toBe('CLOSED');
      }
    }
  }

  /** Expects that a consumer which reads the parent to its end gets both children, or has to read again. */
  async function expectAllChildrenOrNone(stream: Stream): Promise<void> {
    const deps = depsOn(store.tables);
    const ShardIterator = formatShardIterator(await deps.tokenCipher(), {
      streamName: stream.name,
      streamId: stream.id,
      shardIndex: 0,
      position: 1,
      offset: 0,
      issuedMs: Date.now(),
    });
    const answer = await getRecords.handle({ ShardIterator }, deps).catch((fault: Error) => fault);
    if (answer instanceof Error) {
      // The stream does not exist yet, and has no shard to read.
      expect(answer.name).toBe('ResourceNotFoundException');
      return;
    }
    expect('ChildShards' in answer ? answer.ChildShards : 'none yet').toSatisfy(
      (children: unknown) => children === 'none yet' || (children as unknown[]).length === 2,
    );
  }

  it('opens children no earlier than their second, however the clock stands', async () => {
    const stream = await creatingStream();
    const deps = depsOn(store.tables);
    await finish(stream, stream.transition as Transition, deps);
    const nowMs = Math.floor(Date.now() / 1000) * 1000 + 500;
    const start = performance.now();

    await finish(stream, await split(stream), { ...deps, now: () => nowMs });

    // Half a second to the end of this second, minus the time that closing takes. Then up to the beginning of the next
    // second.
    expect(performance.now() - start).toBeGreaterThan(900);
    await expectWhole(stream, 2);
  });

  it.each([
    { kind: 'CREATE', openShards: 1, writes: 2 },
    { kind: 'SPLIT', openShards: 2, writes: 8 },
  ])('that stops before any of its writes is finished by the next run: $kind', async ({ kind, openShards, writes }) => {
    let survived = false;
    let crashAt = 0;
    while (!survived) {
      crashAt += 1;
      const stream = await creatingStream();
      const transition = kind === 'SPLIT' ? await createdAndSplit(stream) : (stream.transition as Transition);

      survived = await finish(stream, transition, depsOn(crashingAt(crashAt)));
      await expectOrdered(stream);
      await expectAllChildrenOrNone(stream);

      expect(await finish(stream, transition, depsOn(store.tables))).toBe(true);
      await expectWhole(stream, openShards);
    }
    expect(crashAt).toBeGreaterThan(writes);
  });

  async function createdAndSplit(stream: Stream): Promise<Transition> {
    await finish(stream, stream.transition as Transition, depsOn(store.tables));
    return split(stream);
  }

  /** Tables whose process stops before the n-th write. */
  function crashingAt(n: number): TestStore['tables'] {
    let writes = 0;
    return faultyTables(store.endpoint, (command) =>
      command !== 'Query' && command !== 'GetItem' && ++writes >= n ? 'crash' : 'pass',
    );
  }

  it('that names a shard which is not open gives up, and the stream is ACTIVE again', async () => {
    const stream = await creatingStream();
    const deps = depsOn(store.tables);
    await finish(stream, stream.transition as Transition, deps);
    await finish(stream, await split(stream), deps);

    await finish(stream, await split(stream), deps);

    await expectWhole(stream, 2);
  });

  it('that on-demand scaling begins names only shards that are open by now', async () => {
    const stream = { ...(await creatingStream()), mode: 'ON_DEMAND' as const };
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
    const stream = await creatingStream();
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
