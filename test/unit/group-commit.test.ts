import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Append, AppendOutcome } from '../../lib/log/append.ts';
import { logRecord } from '../../lib/log/batch-body.ts';
import { GroupCommit } from '../../lib/log/group-commit.ts';

const SHARD = { streamId: 'stream', shardIndex: 0 };

const append = (texts: readonly string[], changes: Partial<Append> = {}): Append => ({
  shard: SHARD,
  records: texts.map((text) => logRecord({ partitionKey: 'k', data: Buffer.from(text) })),
  retentionMs: 1,
  shardCreatedMs: 0,
  encrypted: false,
  ...changes,
});

/** What the second of a shard holds, which concerns nobody here. */
const LOAD = { second: 0, records: 0, bytes: 0 };

/** A writer that notes its batches. The test ends each batch by a call of `end`. */
class HeldWriter {
  readonly batches: string[][] = [];
  /** When the settings were read that each append relies on. */
  readonly settingsRead: Append['settingsRead'][] = [];
  readonly #ends: PromiseWithResolvers<AppendOutcome>[] = [];

  append({ records, settingsRead }: Append): Promise<AppendOutcome> {
    this.settingsRead.push(settingsRead);
    this.batches.push(records.map(({ data }) => Buffer.from(data).toString()));
    const end = Promise.withResolvers<AppendOutcome>();
    this.#ends.push(end);
    return end.promise;
  }

  /** Ends the n-th append. It admits only the records for which `admits` is true. */
  async end(n: number, admits: (text: string) => boolean = () => true): Promise<void> {
    const admitted = (this.batches[n] ?? []).flatMap((text, i) => (admits(text) ? [i] : []));
    this.#ends[n]?.resolve(
      admitted.length === 0
        ? { kind: 'throttled', cause: 'shard limit' }
        : {
            kind: 'appended',
            position: n + 1,
            offset: 0,
            arrivalMs: 1,
            admitted,
            load: LOAD,
          },
    );
    await settled();
  }

  async fail(n: number): Promise<void> {
    this.#ends[n]?.reject(new Error('lost'));
    await settled();
  }
}

/** Lets settled promises take effect, and starts what waits for the next turn of the event loop. */
async function settled(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

/** Starts an append that is still in flight when this returns. Other appends gather behind it. */
async function inFlight(log: GroupCommit, ...parameters: Parameters<typeof append>): Promise<Promise<AppendOutcome>[]> {
  const outcome = log.append(append(...parameters));
  await settled();
  return [outcome];
}

describe('appends to one shard', () => {
  it('that meet nobody are written each for itself', async () => {
    const writer = new HeldWriter();
    const log = new GroupCommit(writer);

    const [first] = await inFlight(log, ['a']);
    await writer.end(0);
    const [second] = await inFlight(log, ['b']);
    await writer.end(1);

    expect(writer.batches).toEqual([['a'], ['b']]);
    expect(await first).toMatchObject({ position: 1, offset: 0 });
    expect(await second).toMatchObject({ position: 2, offset: 0 });
  });

  it('[A3] go by the settings that were read first, where they share a batch', async () => {
    const writer = new HeldWriter();
    const log = new GroupCommit(writer);
    const read = (steadyMs: number) => ({ settingsRead: { wallMs: 0, steadyMs } });
    await inFlight(log, ['a'], read(9));
    log.append(append(['b'], read(3)));
    log.append(append(['c'], read(1)));
    log.append(append(['d'], read(2)));

    await writer.end(0);

    expect(writer.settingsRead).toEqual([read(9).settingsRead, read(1).settingsRead]);
  });

  it('that come in one turn of the event loop share a batch, but for the first', async () => {
    const writer = new HeldWriter();
    const log = new GroupCommit(writer);
    const first = log.append(append(['a'], { shard: { streamId: 'stream', shardIndex: 1 } }));
    const others = [['b'], ['c', 'd']].map((texts) => log.append(append(texts)));

    expect(writer.batches).toEqual([['a']]);
    await settled();
    await writer.end(0);
    await writer.end(1);

    expect(writer.batches).toEqual([['a'], ['b', 'c', 'd']]);
    expect(await Promise.all([first, ...others])).toMatchObject([{ offset: 0 }, { offset: 0 }, { offset: 1 }]);
  });

  it('that come while one is in flight share the next batch, in the order in which they came', async () => {
    const writer = new HeldWriter();
    const log = new GroupCommit(writer);
    const appends = await inFlight(log, ['a']);
    appends.push(...[['b', 'c'], ['d']].map((texts) => log.append(append(texts))));

    await writer.end(0);
    await writer.end(1);

    expect(writer.batches).toEqual([['a'], ['b', 'c', 'd']]);
    expect(await Promise.all(appends)).toEqual([
      { kind: 'appended', position: 1, offset: 0, arrivalMs: 1, admitted: [0], load: LOAD },
      { kind: 'appended', position: 2, offset: 0, arrivalMs: 1, admitted: [0, 1], load: LOAD },
      { kind: 'appended', position: 2, offset: 2, arrivalMs: 1, admitted: [0], load: LOAD },
    ]);
  });

  it('are each told of their own records, whatever is admitted', async () => {
    const texts = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 1, maxLength: 6 }), async (parts) => {
        const writer = new HeldWriter();
        const log = new GroupCommit(writer);
        await inFlight(log, ['first']);
        const outcomes = parts.map((part) => log.append(append(part.map(String))));
        await writer.end(0);
        await writer.end(1, (text) => text === 'true');
        let offset = 0;
        for (const [i, part] of parts.entries()) {
          const admitted = part.flatMap((admits, index) => (admits ? [index] : []));
          expect(await outcomes[i]).toEqual(
            admitted.length === 0
              ? { kind: 'throttled', cause: 'shard limit' }
              : { kind: 'appended', position: 2, offset, arrivalMs: 1, admitted, load: LOAD },
          );
          offset += admitted.length;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('share the failure of their batch, and the next one goes on', async () => {
    const writer = new HeldWriter();
    const log = new GroupCommit(writer);
    await inFlight(log, ['a']);
    const failing = [log.append(append(['b'])), log.append(append(['c']))].map((outcome) =>
      outcome.catch((error: Error) => error.message),
    );
    await writer.end(0);
    const next = log.append(append(['d']));
    await writer.fail(1);
    await writer.end(2);

    expect(await Promise.all(failing)).toEqual(['lost', 'lost']);
    expect(await next).toMatchObject({ position: 3 });
  });

  it('share no batch where they see the stream differently, or beyond 1024 records or one item', async () => {
    const writer = new HeldWriter();
    const log = new GroupCommit(writer);
    const many = Array.from({ length: 600 }, () => 'x');
    await inFlight(log, ['first']);
    log.append(append(many));
    log.append(append(many));
    log.append(append(['encrypted'], { encrypted: true }));
    log.append(append(['retained'], { retentionMs: 2 }));
    log.append(append(['y'.repeat(300_000)], { retentionMs: 2 }));
    log.append(append(['z'.repeat(300_000)], { retentionMs: 2 }));
    for (let n = 0; n < 7; n++) {
      await writer.end(n);
    }

    expect(writer.batches.map((batch) => batch.length)).toEqual([1, 600, 600, 1, 2, 1]);
  });

  it('leave those to other shards alone', async () => {
    const writer = new HeldWriter();
    const log = new GroupCommit(writer);
    await inFlight(log, ['a']);
    await inFlight(log, ['b'], { shard: { streamId: 'stream', shardIndex: 1 } });

    expect(writer.batches).toEqual([['a'], ['b']]);
  });
});

describe('appends that have to wait', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('for five seconds are refused, and not written afterwards', async () => {
    const writer = new HeldWriter();
    const log = new GroupCommit(writer);
    await inFlight(log, ['a']);
    const waiting = log.append(append(['b']));
    vi.advanceTimersByTime(4_999);
    const later = log.append(append(['c']));
    vi.advanceTimersByTime(1);

    expect(await waiting).toMatchObject({ kind: 'throttled' });
    await writer.end(0);
    await writer.end(1);
    expect(writer.batches).toEqual([['a'], ['c']]);
    expect(await later).toMatchObject({ kind: 'appended' });
  });

  it('beyond 64 MiB are refused at once, and taken again when there is room', async () => {
    const writer = new HeldWriter();
    const log = new GroupCommit(writer);
    const large = () => log.append(append(['x'.repeat(16 * 1024 * 1024 - 1)]));
    await inFlight(log, ['a']);
    const waiting = Array.from({ length: 4 }, large);

    expect(await large()).toMatchObject({ kind: 'throttled' });
    await writer.end(0);
    large();
    for (let n = 1; n <= 5; n++) {
      await writer.end(n);
    }

    expect(await Promise.all(waiting)).toHaveLength(4);
    expect(writer.batches).toHaveLength(6);
  });
});
