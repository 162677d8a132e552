import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { inFolder, KEYS, range, rivulet, run, start, tailed } from '../support/command-line-server.ts';
import { until } from '../support/until.ts';

describe('rivulet put', () => {
  it('puts arguments, lines of standard input, and lines of a file with their key', async () => {
    await writeFile(inFolder('lines.ndjson'), '{"user":{"id":7}}\r\n\n{"user":{"id":"x"}}\n');

    expect((await run(['put', 'orders', 'one', 'two'])).output).toBe('2 records (6 B) put to orders\n');
    expect((await run(['put', 'orders', '--key', 'k', '--json'], 'three\nfour')).output).toContain('"records":2');
    expect((await run(['put', 'orders', '--file', inFolder('lines.ndjson'), '--key-path', '$.user.id'])).code).toBe(0);
    const lines = await tailed('orders');
    expect(lines.map(({ data }) => (typeof data === 'string' ? data : JSON.stringify(data))).sort()).toEqual([
      'four',
      'one',
      'three',
      'two',
      '{"user":{"id":"x"}}',
      '{"user":{"id":7}}',
    ]);
    expect(
      lines
        .filter(({ data }) => typeof data !== 'string')
        .map(({ partitionKey }) => partitionKey)
        .sort(),
    ).toEqual(['7', 'x']);
    expect(lines.filter(({ partitionKey }) => partitionKey === 'k')).toHaveLength(2);
  });

  it('puts the lines of a file byte by byte, whatever they are', async () => {
    const lines = [Buffer.from([0x63, 0x61, 0x66, 0xe9]), Buffer.from('{"text":"a\u2028b"}')];
    await writeFile(inFolder('bytes'), Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));

    expect((await run(['put', 'orders', '--file', inFolder('bytes'), '--key', 'k'])).code).toBe(0);
    expect((await tailed('orders')).map(({ data }) => data)).toEqual([
      lines[0]?.toString('base64'),
      { text: 'a\u2028b' },
    ]);
    const { errors } = await run(['put', 'orders', '--file', inFolder('bytes'), '--key-path', 'text']);
    expect(errors).toBe('rivulet: line 1 is no text in UTF-8. 0 records are stored\n');
  });

  it('puts again what fails, and keeps the order of each key', async () => {
    rivulet.faults.add({ fault: 'partial', operation: 'PutRecords', share: 0.5 });
    const lines = range(0, 400).flatMap((number) => KEYS.slice(0, 4).map((key) => JSON.stringify({ key, number })));
    const { code, output } = await run(['put', 'orders', '--key-path', 'key', '--json'], lines.join('\n'));

    expect(code).toBe(0);
    expect(JSON.parse(output).retried).toBeGreaterThan(100);
    rivulet.faults.clear();
    const byKey = Object.groupBy(await tailed('orders'), ({ partitionKey }) => partitionKey);
    for (const key of KEYS.slice(0, 4)) {
      expect(byKey[key]?.map(({ data }) => (data as { number: string }).number)).toEqual(range(0, 400));
    }
  });

  it('puts what stands before a line that cannot be read, while others are put too', async () => {
    const input = `${'x\n'.repeat(5_200)}${'y'.repeat(17 * 1024 * 1024)}\n`;
    const { code, errors } = await run(['put', 'orders'], input);

    expect({ code, errors }).toEqual({
      code: 1,
      errors: 'rivulet: line 5201 is longer than any record. 5,200 records are stored\n',
    });
  });

  it.each(['put', 'import'])('ends when it is interrupted while its input says nothing: %s', async (command) => {
    const lines = range(0, 5_001).map((number) => JSON.stringify({ partitionKey: `${number}`, data: 'eA==' }));
    const waiting = start([command, 'orders'], { begins: `${lines.join('\n')}\n` });
    // By then it listens.
    await until(async () => (await tailed('orders')).length >= 5_000);
    waiting.process.kill('SIGINT');

    const { code, errors } = await waiting.ended;
    expect([code, errors]).toEqual([130, expect.stringMatching(/^rivulet: interrupted\. 5,001 records .*\n$/)]);
    expect(await tailed('orders')).toHaveLength(5_001);
  });

  it('ends when it has failed, although its input goes on', async () => {
    const { code, errors } = await start(['put', 'nowhere'], { begins: 'a\n' }).ended;

    expect([code, errors]).toEqual([1, expect.stringContaining('ResourceNotFoundException')]);
  });

  it('stops at a line that is wrong, and tells what is stored', async () => {
    const { code, errors } = await run(['put', 'orders', '--key-path', 'id'], '{"id":1}\n{"id":2}\nno JSON\n{"id":3}');

    expect(code).toBe(1);
    expect(errors).toBe('rivulet: line 3 is no JSON, so it has no id. 2 records are stored\n');
    expect((await tailed('orders')).map(({ partitionKey }) => partitionKey).sort()).toEqual(['1', '2']);
  });
});
