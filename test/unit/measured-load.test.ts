import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { MeasuredLoad } from '../../cli/load/measured-load.ts';
import { drawLoad } from '../../cli/load/picture.ts';

/** Stops the whole process for a while, as a pause of its garbage collector does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('a measured load', () => {
  it('counts the latency of each call from when it was due: a pause delays all calls that were due in it', async () => {
    let calls = 0;
    const send = async () => {
      calls += 1;
      if (calls === 1) {
        block(400);
      }
      return {};
    };
    const plan = { stream: 's', rate: 100, recordBytes: 16, batch: 1, durationMs: 400, keys: 1 };
    const load = new MeasuredLoad({ send } as unknown as KinesisClient, plan);
    await load.run(new AbortController().signal);

    expect(load.stored).toBe(40);
    // 20 calls were due in the first 200 ms of the pause, so each waited for at least the other 200 ms.
    expect(load.latency.getValueAtPercentile(50) / 1_000).toBeGreaterThan(190);
  });

  it('goes on with the other calls while one takes long', async () => {
    const first = Promise.withResolvers<object>();
    let calls = 0;
    const send = () => {
      calls += 1;
      if (calls === 5) {
        first.resolve({});
      }
      return calls === 1 ? first.promise : Promise.resolve({});
    };
    const plan = { stream: 's', rate: 1_000, recordBytes: 16, batch: 1, durationMs: 10, keys: 1 };
    const load = new MeasuredLoad({ send } as unknown as KinesisClient, plan);
    await load.run(new AbortController().signal);

    expect([load.sent, load.stored]).toEqual([10, 10]);
  });
});

describe('the picture of a load', () => {
  it('shows a title as text, whatever is in it, and needs no second', () => {
    const svg = drawLoad('<script>&"', []);

    expect(svg).toContain('&#60;script&#62;&#38;&#34;');
    expect(svg).not.toContain('NaN');
  });
});
