import { describe, expect, it } from 'vitest';
import { run } from '../support/command-line-server.ts';

describe('bad input', () => {
  it.each([
    [['tail', 'orders', '--since', 'yesterday'], 2, '--since must be'],
    [['tail', 'orders', '--grep', '('], 2, '--grep'],
    [['tail', 'orders', '--shard', '9'], 2, 'orders has no shard 9'],
    [['tail'], 2, "missing required argument 'stream'"],
    [['tail', 'nothing'], 1, 'ResourceNotFoundException'],
    [['put', 'nothing', 'a'], 1, 'under account 000000000000 not found. 0 records are stored'],
    [['put', 'orders', 'a', '--batch', '501'], 2, '--batch must be a whole number from 1 to 500'],
    [['put', 'orders', '--file', '/nowhere'], 1, '/nowhere cannot be read: it does not exist'],
    [['load', 'orders', '--rate', '0'], 2, '--rate must be a number above 0'],
    [['load', 'orders', '--duration', '10'], 2, "--duration: '10' is no duration"],
    [['load', 'orders', '--nope'], 2, "unknown option '--nope'"],
    [['streams', 'split', 'orders', '7'], 1, 'orders has no open shard 7'],
    [['streams', '--profile', 'nobody'], 2, 'there is no profile nobody'],
    [['streams', '--endpoint', 'localhost'], 2, '--endpoint must be'],
    [['streams', '--endpoint', 'http://127.0.0.1:1'], 1, 'http://127.0.0.1:1 cannot be reached: nothing listens there'],
    [['cost', '--records-per-second', 'many'], 2, '--records-per-second must be a number'],
    [
      ['health', '--endpoint', 'http://127.0.0.1:65533'],
      1,
      'http://127.0.0.1:65533 cannot be reached: nothing listens there',
    ],
    [['nonsense'], 2, 'there is no command nonsense'],
    [['start', '--throttling', 'maybe'], 2, "argument 'maybe' is invalid"],
    [
      ['start', '--streams', 'a b'],
      1,
      "Rivulet could not start: STREAMS must list streams such as orders:4,clicks:on-demand, and 'a b' is none",
    ],
    [['keys', 'add', '--name', 'me'], 2, 'say where the keys are'],
  ])('%j ends with %d, and says so in one sentence', async (parameters, code, sentence) => {
    const ended = await run(parameters as string[]);

    expect(ended.errors).toContain(sentence);
    expect(ended.errors).not.toMatch(/\n\s+at /);
    expect(ended.errors.trim().split('\n').length).toBeLessThanOrEqual(2);
    expect(ended.code).toBe(code);
  });
});
