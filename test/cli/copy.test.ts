import { readFile, writeFile } from 'node:fs/promises';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  KinesisClient,
  UpdateShardCountCommand,
  waitUntilStreamExists,
  waitUntilStreamNotExists,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/command-line.ts';
import {
  everyKey,
  inFolder,
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
} from '../support/command-line-server.ts';
import { until } from '../support/until.ts';

describe('rivulet copy', () => {
  const copying = (...more: string[]) => ['copy', 'orders', 'copies', ...more];

  it('copies through reshards of the source and of the target, in the order of each key, from one region to another', async () => {
    await putNumbers(0, 10, KEYS);
    const target = ['--to-region', 'eu-central-1'];
    const copy = start(copying('--follow', '--checkpoint', inFolder('following.json'), ...target));
    const there = () =>
      runCommand(
        ['tail', 'copies', '--since', 'TRIM_HORIZON', '--follow=false', '--json', '--region', 'eu-central-1'],
        {
          AWS_ENDPOINT_URL: rivulet.endpoint,
        },
      );
    const inTarget = new KinesisClient({
      ...rivulet.client(),
      region: 'eu-central-1',
      requestHandler: new NodeHttpHandler(),
    });
    await reshardThrice('orders');
    await inTarget.send(
      new UpdateShardCountCommand({ StreamName: 'copies', TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' }),
    );
    await putNumbers(30, 40, KEYS);
    await until(async () => (await there()).output.split('\n').length > 40 * KEYS.length);
    copy.process.kill('SIGINT');

    expect((await copy.ended).code).toBe(130);
    const lines: TailedLine[] = (await there()).output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const byKey = Object.groupBy(lines, ({ partitionKey }) => partitionKey);
    expect(Object.fromEntries(KEYS.map((key) => [key, byKey[key]?.map(({ data }) => data)]))).toEqual(
      everyKey(range(0, 40)),
    );
    inTarget.destroy();
  });

  it('goes on from its checkpoint: after a kill nothing is missing, and no key is out of order', async () => {
    await putNumbers(0, 60, KEYS);
    rivulet.faults.add({ fault: 'delay', operation: 'PutRecords', stream: 'copies', delay: '100ms' });
    const checkpoint = inFolder('killed.json');
    const first = start(copying('--checkpoint', checkpoint));
    await until(async () => (await readFile(checkpoint, 'utf8').catch(() => '')).includes('after'));
    first.process.kill('SIGKILL');
    await first.ended;
    rivulet.faults.clear();

    expect((await run(copying('--checkpoint', checkpoint))).code).toBe(0);
    const numbers = await numbersByKey('copies');
    for (const key of KEYS) {
      // Records since the last checkpoint may come twice. Each number is first seen after those below it.
      expect([...new Set(numbers[key])]).toEqual(range(0, 60));
    }
    // Once more: there is nothing new.
    expect((await run(copying('--checkpoint', checkpoint))).output).toBe('0 records of orders copied to copies\n');
  });

  it('refuses a checkpoint of a stream that was deleted, and created anew', async () => {
    const checkpoint = inFolder('anew.json');
    await putNumbers(0, 1, KEYS);
    expect((await run(copying('--checkpoint', checkpoint))).code).toBe(0);
    await kinesis.send(new DeleteStreamCommand({ StreamName: 'orders' }));
    await waitUntilStreamNotExists(
      { client: kinesis, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
      { StreamName: 'orders' },
    );
    await kinesis.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 }));
    await waitUntilStreamExists(
      { client: kinesis, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
      { StreamName: 'orders' },
    );

    const { code, errors } = await run(copying('--checkpoint', checkpoint));
    expect([code, errors]).toEqual([1, expect.stringContaining('is of a stream of this name that was created')]);
  });

  it('refuses a checkpoint of another stream, and a file that is none', async () => {
    const checkpoint = inFolder('other.json');
    expect((await run(copying('--checkpoint', checkpoint))).code).toBe(0);
    expect((await run(['copy', 'copies', 'orders', '--checkpoint', checkpoint])).errors).toContain(
      'is of another stream',
    );
    await writeFile(checkpoint, 'text');
    expect((await run(copying('--checkpoint', checkpoint))).errors).toContain('is no checkpoint of rivulet copy');
    expect((await run(['copy', 'orders', 'orders'])).errors).toContain('cannot be copied to itself');
  });
});
