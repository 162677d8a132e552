import {
  DescribeStreamSummaryCommand,
  ListStreamConsumersCommand,
  MergeShardsCommand,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import {
  active,
  everyKey,
  KEYS,
  kinesis,
  numbersByKey,
  putNumbers,
  range,
  reshardThrice,
  rivulet,
  run,
  start,
  type TailedLine,
  tailed,
} from '../support/command-line-server.ts';
import { until } from '../support/until.ts';

describe('rivulet tail', () => {
  it('reads a stream through splits and merges: each record once, and those of a key in order', async () => {
    await putNumbers(0, 10, KEYS);
    await reshardThrice('orders');
    await putNumbers(30, 40, KEYS);

    expect(await numbersByKey('orders')).toEqual(everyKey(range(0, 40)));
  });

  it.each([[], ['--fan-out']])('follows reshards while they happen %s', async (...how) => {
    await putNumbers(0, 10, KEYS);
    const tail = start(['tail', 'orders', '--since', 'TRIM_HORIZON', '--json', ...how]);
    await until(async () => tail.output().split('\n').length > 10 * KEYS.length);
    await reshardThrice('orders');
    await putNumbers(30, 40, KEYS);
    await until(async () => tail.output().split('\n').length > 40 * KEYS.length);
    tail.process.kill('SIGINT');

    const { code, output } = await tail.ended;
    const lines: TailedLine[] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const byKey = Object.groupBy(lines, ({ partitionKey }) => partitionKey);
    expect(Object.fromEntries(KEYS.map((key) => [key, byKey[key]?.map(({ data }) => data)]))).toEqual(
      everyKey(range(0, 40)),
    );
    expect(code).toBe(130);
    const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'orders' }));
    const { Consumers } = await kinesis.send(
      new ListStreamConsumersCommand({ StreamARN: StreamDescriptionSummary?.StreamARN }),
    );
    expect(Consumers?.filter(({ ConsumerStatus }) => ConsumerStatus !== 'DELETING')).toEqual([]);
  });

  it('starts with what is new, unless it is told otherwise', async () => {
    await putNumbers(0, 1, KEYS);
    const tail = start(['tail', 'orders', '--json']);
    await until(async () => {
      await putNumbers(1, 2, KEYS);
      return tail.output() !== '';
    });
    tail.process.kill('SIGTERM');

    const { output } = await tail.ended;
    expect(
      output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).data),
    ).not.toContain('0');
  });

  it('follows what is new, through a split: a child is read from its beginning', async () => {
    const tail = start(['tail', 'orders', '--json']);
    await until(async () => {
      await putNumbers(0, 1, KEYS);
      return tail.output() !== '';
    });
    // The reader sleeps while the shard is split and its child gets records.
    rivulet.faults.add({ fault: 'delay', operation: 'GetRecords', delay: '3s', times: 2 });
    await reshardThrice('orders');
    await until(async () => tail.output().split('"data":"29"').length > KEYS.length);
    tail.process.kill('SIGINT');

    const { output } = await tail.ended;
    const lines: TailedLine[] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const numbers = (key: string) =>
      lines.filter(({ partitionKey, data }) => partitionKey === key && data !== '0').map(({ data }) => data);
    expect(Object.fromEntries(KEYS.map((key) => [key, numbers(key)]))).toEqual(everyKey(range(10, 30)));
  });

  it('waits for a parent that is slow to be read, before it reads what was merged from it', async () => {
    await putNumbers(0, 10, KEYS);
    await kinesis.send(new MergeShardsCommand({ StreamName: 'orders', ShardToMerge: '0', AdjacentShardToMerge: '1' }));
    await active('orders');
    await putNumbers(10, 20, KEYS);
    // The first read of one parent takes long, in either order.
    rivulet.faults.script(['ok', 'delay'], { operation: 'GetRecords', delay: '1s' });

    expect(await numbersByKey('orders')).toEqual(everyKey(range(0, 20)));
    rivulet.faults.script(['delay'], { operation: 'GetRecords', delay: '1s' });
    expect(await numbersByKey('orders')).toEqual(everyKey(range(0, 20)));
  });

  it('goes on where it was after its iterator has expired', async () => {
    await putNumbers(0, 1, ['a']);
    const tail = start(['tail', 'orders', '--since', 'TRIM_HORIZON', '--json']);
    await until(async () => tail.output() !== '');
    rivulet.clock.advance('6m');
    await putNumbers(1, 2, ['a']);
    await until(async () => tail.output().trim().split('\n').length === 2);
    tail.process.kill('SIGINT');

    expect((await tail.ended).output).toMatch(/"data":"0".*\n.*"data":"1".*\n$/);
  });

  it('begins at a time, or some time ago', async () => {
    await putNumbers(0, 1, ['a']);
    rivulet.clock.advance('2h');
    await putNumbers(1, 2, ['a']);
    const tail = async (since: string) => (await run(['tail', 'orders', '--since', since, '--follow=false'])).output;

    // The clock of the server is two hours ahead.
    expect(await tail(new Date(Date.now() + 3_600_000).toISOString())).toMatch(/ a 1\n$/);
    expect(await tail('1h')).toMatch(/ a 0\n.* a 1\n$/);
  });

  it('opens aggregates, gzip, JSON and text, and shows everything else in base64', async () => {
    const put = (Data: Uint8Array) =>
      kinesis.send(new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'a', Data }));
    const { gzipSync } = await import('node:zlib');
    await put(Buffer.from('{"a":[1]}'));
    await put(gzipSync('plain'));
    await put(Buffer.from([0xff, 0xfe, 0x00]));
    await put(Buffer.from('\x1b[2Jgone'));

    expect((await tailed('orders')).map(({ encoding, data }) => [encoding, data])).toEqual([
      ['json', { a: [1] }],
      ['text', 'plain'],
      ['base64', '//4A'],
      ['base64', Buffer.from('\x1b[2Jgone').toString('base64')],
    ]);
    const forPeople = await run(['tail', 'orders', '--since', 'TRIM_HORIZON', '--follow=false']);
    expect(forPeople.output).not.toContain('\x1b[2J');
    expect(forPeople.output.trim().split('\n')).toHaveLength(4);
  });

  it('selects by key, by pattern and by shard', async () => {
    await putNumbers(0, 12, KEYS);

    expect(await tailed('orders', '--key', 'a', '--grep', '^1')).toMatchObject([
      { partitionKey: 'a', data: '1' },
      { partitionKey: 'a', data: '10' },
      { partitionKey: 'a', data: '11' },
    ]);
    const ofShard = await tailed('orders', '--shard', '1');
    expect(new Set(ofShard.map(({ shard }) => shard))).toEqual(new Set(['shardId-000000000001']));
  });

  it('goes on after throttled reads and faults of the server', async () => {
    await putNumbers(0, 5, KEYS);
    rivulet.faults.script(['throttle', 'ok', 'error', 'throttle'], { operation: 'GetRecords' });

    expect(await numbersByKey('orders')).toEqual(everyKey(range(0, 5)));
  });
});
