import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openLines } from '../../cli/files.ts';
import { drained } from '../../client/drained.ts';

describe.skipIf(!existsSync('/dev/full'))('lines that go to a full disk', () => {
  it('are refused while they are written, not only in the end', async () => {
    const lines = await openLines('/dev/full', true);
    const writing = (async () => {
      for (;;) {
        await lines.write(['x'.repeat(100_000)]);
      }
    })();

    await expect(writing).rejects.toThrow('/dev/full cannot be written: ENOSPC');
    await expect(lines.end()).rejects.toThrow('/dev/full cannot be written: ENOSPC');
  });
});

describe('a stream that was full', () => {
  it.each(['drain', 'close', 'error'])('is waited for until %s, and no listener stays', async (event) => {
    const target = new PassThrough();
    target.on('error', () => {});
    const before = target.eventNames().map((name) => [name, target.listenerCount(name)]);
    const waited = drained(target);
    target.emit(event, new Error('broken'));
    await waited;

    expect(target.eventNames().map((name) => [name, target.listenerCount(name)])).toEqual(before);
  });

  it('is not waited for when it has ended before', async () => {
    const target = new PassThrough();
    const closed = once(target, 'close');
    target.destroy();
    await closed;

    await drained(target);
  });
});
