import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { everyKey, inFolder, KEYS, kinesis, putNumbers, range, run, tailed } from '../support/command-line-server.ts';

describe('rivulet export and import', () => {
  it.each(['orders.ndjson', 'orders.ndjson.gz', 'orders.ndjson.zst'])(
    'keep keys, data and shards of records: %s',
    async (name) => {
      await putNumbers(0, 20, KEYS);
      await kinesis.send(
        new PutRecordCommand({
          StreamName: 'orders',
          PartitionKey: 'a',
          ExplicitHashKey: '340282366920938463463374607431768211455',
          Data: Buffer.from([0, 255]),
        }),
      );

      expect((await run(['export', 'orders', '--file', inFolder(name)])).code).toBe(0);
      expect((await run(['export', 'orders', '--file', inFolder(name)])).errors).toContain(
        'exists: --force overwrites it',
      );
      const imported = await run(['import', 'copies', '--file', inFolder(name)]);
      expect(imported.output).toBe('161 records imported to copies. Arrival times and sequence numbers are new\n');
      const lines = await tailed('copies');
      const byKey = Object.groupBy(
        lines.filter(({ encoding }) => encoding === 'text'),
        ({ partitionKey }) => partitionKey,
      );
      expect(Object.fromEntries(KEYS.map((key) => [key, byKey[key]?.map(({ data }) => data)]))).toEqual(
        everyKey(range(0, 20)),
      );
      // The explicit hash key is gone, but not that it led to the second of two shards: it leads to the middle of three.
      expect(lines.find(({ encoding }) => encoding === 'base64')).toMatchObject({
        partitionKey: 'a',
        data: 'AP8=',
        shard: 'shardId-000000000001',
      });
    },
  );

  it('keep keys with every line end of Unicode, and take a file that begins with a mark', async () => {
    const PartitionKey = 'a\u2028b\u0085c\u2029\ufeff';
    await kinesis.send(new PutRecordCommand({ StreamName: 'orders', PartitionKey, Data: Buffer.from('x') }));

    const { output } = await run(['export', 'orders']);
    expect((await run(['import', 'copies'], `\ufeff${output}`)).code).toBe(0);
    expect((await tailed('copies')).map(({ partitionKey }) => partitionKey)).toEqual([PartitionKey]);
  });

  it.skipIf(!existsSync('/dev/full'))('end in one line where the disk is full', async () => {
    await putNumbers(0, 20, KEYS);

    for (const file of ['/dev/full', inFolder('full.gz')]) {
      await symlink('/dev/full', inFolder('full.gz')).catch(() => {});
      const { code, errors } = await run(['export', 'orders', '--file', file, '--force']);
      expect({ code, errors }).toEqual({
        code: 1,
        errors: expect.stringMatching(new RegExp(`^rivulet: ${file} cannot be written: ENOSPC.*\\n$`)),
      });
    }
  });

  it('take what stands before a line that cannot be read', async () => {
    const line = (key: string) => JSON.stringify({ partitionKey: key, data: 'eA==' });
    const { errors } = await run(['import', 'copies'], `${line('a')}\n${'y'.repeat(17 * 1024 * 1024)}`);

    expect(errors).toBe('rivulet: line 2 is longer than any record. 1 record imported; --skip 1 goes on from there\n');
  });

  it('tells the line that is wrong, and goes on after it', async () => {
    const line = (key: string) => JSON.stringify({ partitionKey: key, data: 'eA==' });
    const text = [line('a'), line('b'), '{"partitionKey":"c","data":"no base64!"}', line('d')].join('\n');
    const { code, errors } = await run(['import', 'copies'], text);

    expect(code).toBe(1);
    expect(errors).toBe(
      'rivulet: line 3 is no record: it needs a partitionKey, and data in base64. 2 records imported; --skip 2 goes on from there\n',
    );
    expect((await run(['import', 'copies', '--skip', '3'], text)).code).toBe(0);
    expect((await tailed('copies')).map(({ partitionKey }) => partitionKey).sort()).toEqual(['a', 'b', 'd']);
  });
});
