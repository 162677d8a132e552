import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LifecycleTask } from '../../lib/workflows/task.ts';
import { freeingDeleted } from '../../local/deleted-streams.ts';
import { type LocalStore, openStore } from '../../local/store.ts';

const ENVIRONMENT = { ACCOUNT_ID: '000000000000', AWS_REGION: 'us-east-1', STREAMS_TABLE: 's', RECORDS_TABLE: 'r' };

const task = (streamId: string): LifecycleTask => ({
  streamName: 'name',
  streamId,
  runId: 'run',
  notBefore: new Date(0).toISOString(),
});

describe('what a deleted stream holds', () => {
  let store: LocalStore;
  const discarded: string[] = [];

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const opened = await openStore(ENVIRONMENT);
    store = {
      ...opened,
      discard: async (streamId) => {
        discarded.push(streamId);
      },
    };
    discarded.length = 0;
  });

  afterEach(() => {
    vi.useRealTimers();
    store.close();
  });

  const steps = (done: boolean) =>
    freeingDeleted(
      async (of) => ({ ...of, done }),
      async () => store,
      (error) => expect.unreachable(String(error)),
    );

  const putStream = (id: string) =>
    store.tables.client.put({
      TableName: 's',
      Item: { pk: 'STREAM', sk: 'name', id, openShardCount: 1, mode: 'PROVISIONED' },
    });

  it('is freed a minute after its last step, once', async () => {
    const { step } = steps(true);
    await step(task('gone'));
    await step(task('gone'));

    await vi.advanceTimersByTimeAsync(59_999);
    expect(discarded).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(discarded).toEqual(['gone']);
  });

  it('stays where the stream is there, or its deletion is still under way', async () => {
    await putStream('lives');
    await steps(true).step(task('lives'));
    await steps(false).step(task('going'));

    await vi.advanceTimersByTimeAsync(120_000);
    expect(discarded).toEqual([]);
  });

  it('stays where the process ends before', async () => {
    const { step, end } = steps(true);
    await step(task('gone'));
    end();

    await vi.advanceTimersByTimeAsync(120_000);
    expect(discarded).toEqual([]);
  });
});
