import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../lib/operations/index.ts';
import { type CallAction, callEveryOperation } from '../support/every-operation.ts';
import { TestApi } from '../support/test-api.ts';

const run = promisify(execFile);

const kebab = (action: string) => action.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

/** Blobs as the CLI accepts them in JSON. */
const asBase64 = (_key: string, value: unknown) =>
  (value as { type?: string } | null)?.type === 'Buffer'
    ? Buffer.from((value as { data: number[] }).data).toString('base64')
    : value;

function installed(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('The AWS CLI is not installed: its tests are skipped.');
    return false;
  }
}

describe.skipIf(!installed())('the AWS CLI', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await TestApi.start();
  });

  afterAll(() => api.close());

  async function aws(...args: string[]) {
    const { stdout } = await run('aws', ['--endpoint-url', api.endpoint, '--output', 'json', 'kinesis', ...args], {
      env: { ...process.env, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_DEFAULT_REGION: 'us-east-1' },
    });
    return stdout === '' ? undefined : JSON.parse(stdout);
  }

  it('creates a stream, puts, reads and deletes', async () => {
    const stream = ['--stream-name', 'cli'];
    await aws('create-stream', ...stream, '--shard-count', '2');
    await aws('wait', 'stream-exists', ...stream);

    const put = await aws(
      'put-record',
      ...stream,
      '--partition-key',
      'a',
      '--data',
      Buffer.from('hi').toString('base64'),
    );
    const from = ['--shard-id', put.ShardId, '--shard-iterator-type', 'TRIM_HORIZON'];
    const { ShardIterator } = await aws('get-shard-iterator', ...stream, ...from);
    const { Records } = await aws('get-records', '--shard-iterator', ShardIterator);
    const { Shards } = await aws('list-shards', ...stream);
    await aws('delete-stream', ...stream);
    await aws('wait', 'stream-not-exists', ...stream);

    expect(Records).toMatchObject([{ SequenceNumber: put.SequenceNumber, PartitionKey: 'a' }]);
    expect(Shards).toHaveLength(2);
    expect((await aws('list-streams')).StreamNames).toEqual([]);
  });

  it('calls every operation that it knows', async () => {
    const unknown: string[] = [];
    const call: CallAction = async (action, input) => {
      try {
        return await aws(kebab(action), '--cli-input-json', JSON.stringify(input, asBase64));
      } catch (error) {
        // An older CLI does not know the newest operations.
        if (!/Invalid choice|argument operation/i.test(String(error))) {
          throw error;
        }
        unknown.push(action);
        return {};
      }
    };

    const { called, read } = await callEveryOperation(call, (stream) => api.inStatus(stream, 'ACTIVE'));

    expect([...called].sort()).toEqual([...operations.keys()].sort());
    expect(unknown.length).toBeLessThan(10);
    expect(read).toBe(2);
  });
});
