import { describe, expect, it } from 'vitest';
import { KEYS, putNumbers, run } from '../support/command-line-server.ts';

describe('rivulet streams', () => {
  it('creates, lists, describes, reshards and deletes', async () => {
    expect((await run(['streams', 'create', 'new', '--shards', '2'])).output).toBe(
      'new is ACTIVE with 2 open shards\n',
    );
    expect((await run(['streams', 'split', 'new', '0'])).output).toBe('new is ACTIVE with 3 open shards\n');
    expect((await run(['streams', 'merge', 'new', '2', '3'])).output).toBe('new is ACTIVE with 2 open shards\n');
    expect((await run(['streams', 'scale', 'new', '4'])).output).toBe('new is ACTIVE with 4 open shards\n');
    await putNumbers(0, 5, KEYS, 'new');
    const listed = (await run(['streams', '--json'])).output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(listed).toMatchObject([
      { stream: 'copies' },
      { stream: 'new', status: 'ACTIVE', openShards: 4 },
      { stream: 'orders' },
    ]);
    expect(listed[1].rate.recordsPerSecond).toBeCloseTo(4);
    expect((await run(['streams', 'describe', 'new'])).output).toContain('shardId-000000000004');
    expect((await run(['streams', 'delete', 'new'])).errors).toContain('--yes deletes new without asking');
    expect((await run(['streams', 'delete', 'new', '--yes'])).output).toBe('new is deleted\n');
    expect((await run(['streams', 'describe', 'new'])).errors).toMatch(
      /^rivulet: ResourceNotFoundException: [^\n]*\n$/,
    );
  });
});
