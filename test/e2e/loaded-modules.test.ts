import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
  waitUntilStreamExists,
  waitUntilStreamNotExists,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServerProcess } from '../support/server-process.ts';

const WAIT = { minDelay: 0.05, maxDelay: 0.5, maxWaitTime: 300 };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rivulet-modules-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the local server', () => {
  it('loads no client of AWS in its whole life, and the workflow interpreter with the first transition', async () => {
    const file = path.join(folder, 'modules');
    const hook = pathToFileURL(path.join(import.meta.dirname, '..', 'support', 'note-modules.ts')).href;
    const server = await startServerProcess({ NODE_OPTIONS: `--import=${hook}`, NOTED_MODULES: file });
    const client = new KinesisClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const loaded = async () => (await readFile(file, 'utf8')).split('\n');
    const interpreter = async () => (await loaded()).filter((url) => url.includes('/aws-local-stepfunctions/'));
    const StreamName = 'stream';

    expect(await interpreter()).toEqual([]);
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    await waitUntilStreamExists({ client, ...WAIT }, { StreamName });
    expect(await interpreter()).not.toEqual([]);
    await client.send(new PutRecordCommand({ StreamName, PartitionKey: 'a', Data: Buffer.from('data') }));
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamName, ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' }),
    );
    expect((await client.send(new GetRecordsCommand({ ShardIterator }))).Records).toHaveLength(1);
    const { Consumer } = await client.send(
      new RegisterStreamConsumerCommand({
        StreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`,
        ConsumerName: 'reader',
      }),
    );
    const subscribe = new SubscribeToShardCommand({
      ConsumerARN: Consumer?.ConsumerARN,
      ShardId: '0',
      StartingPosition: { Type: 'TRIM_HORIZON' },
    });
    const subscribed = async () => {
      try {
        return await client.send(subscribe);
      } catch (error) {
        // The consumer takes a moment to become ACTIVE.
        if ((error as Error).name !== 'ResourceInUseException') {
          throw error;
        }
        return undefined;
      }
    };
    let subscription = await subscribed();
    while (subscription === undefined) {
      subscription = await subscribed();
    }
    for await (const event of subscription.EventStream ?? []) {
      if (event.SubscribeToShardEvent?.Records?.length === 1) {
        break;
      }
    }
    await client.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
    await waitUntilStreamNotExists({ client, ...WAIT }, { StreamName });
    server.process.kill('SIGTERM');
    await server.ended;
    client.destroy();

    const urls = await loaded();
    expect(urls.filter((url) => /\/lib\/log\/append\.ts$/.test(url))).toHaveLength(1);
    expect(urls.filter((url) => /\/node_modules\/@(aws-sdk|smithy)\//.test(url))).toEqual([]);
  });
});
