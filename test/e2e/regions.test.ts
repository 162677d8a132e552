import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListStreamsCommand,
  PutRecordCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_REGIONS } from '../../local/regions.ts';
import { type LocalServer, startServer } from '../../local/server.ts';
import { availableEngines, startEngine } from '../support/dynamodb-engines.ts';

const WAIT = { minDelay: 0.05, maxDelay: 0.5, maxWaitTime: 300 };

let server: LocalServer;
const clients: KinesisClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) {
    client.destroy();
  }
  await server.close();
});

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startServer({ port: 0, environment, trail: { write: () => {} } });
}

function client(region: string, accessKeyId = 'any'): KinesisClient {
  const created = new KinesisClient({
    endpoint: server.endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey: 'any' },
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  });
  clients.push(created);
  return created;
}

const names = async (of: KinesisClient) => (await of.send(new ListStreamsCommand({}))).StreamNames;

const arn = async (of: KinesisClient, StreamName: string) =>
  (await of.send(new DescribeStreamSummaryCommand({ StreamName }))).StreamDescriptionSummary?.StreamARN;

async function create(of: KinesisClient, StreamName: string): Promise<void> {
  await of.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await waitUntilStreamExists({ client: of, ...WAIT }, { StreamName });
}

describe('a server without a pinned region', () => {
  it('keeps the streams of each region apart, under their own ARNs', async () => {
    await start();
    const [here, there] = [client('us-east-1'), client('eu-central-1')];
    await create(here, 'stream');
    expect(await names(there)).toEqual([]);
    await create(there, 'stream');

    expect(await arn(here, 'stream')).toBe('arn:aws:kinesis:us-east-1:000000000000:stream/stream');
    expect(await arn(there, 'stream')).toBe('arn:aws:kinesis:eu-central-1:000000000000:stream/stream');
    await there.send(new PutRecordCommand({ StreamName: 'stream', PartitionKey: 'a', Data: Buffer.from('there') }));
    const beginning = { StreamName: 'stream', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await here.send(new GetShardIteratorCommand(beginning));
    expect((await here.send(new GetRecordsCommand({ ShardIterator }))).Records).toEqual([]);
  });

  it('refuses the ARN and the iterator of another region', async () => {
    await start({ STREAMS: 'stream' });
    const [here, there] = [client('us-east-1'), client('eu-central-1')];
    const StreamARN = await arn(here, 'stream');
    const { ShardIterator } = await here.send(
      new GetShardIteratorCommand({ StreamARN, ShardId: '0', ShardIteratorType: 'LATEST' }),
    );

    await expect(there.send(new DescribeStreamSummaryCommand({ StreamARN }))).rejects.toThrow(
      'Stream stream under account 000000000000 not found.',
    );
    await expect(there.send(new GetRecordsCommand({ ShardIterator }))).rejects.toMatchObject({
      name: 'InvalidArgumentException',
    });
  });

  it('takes an access key id of 12 digits for an account', async () => {
    await start({ STREAMS: 'orders:2' });

    expect(await arn(client('us-east-1', '111122223333'), 'orders')).toBe(
      'arn:aws:kinesis:us-east-1:111122223333:stream/orders',
    );
    expect(await arn(client('us-east-1', 'AKIAIOSFODNN7EXAMPLE'), 'orders')).toBe(
      'arn:aws:kinesis:us-east-1:000000000000:stream/orders',
    );
  });

  it('has the streams of its start in every region that is used, ACTIVE for the first request', async () => {
    await start({ STREAMS: 'orders:4,clicks:on-demand,events' });

    for (const region of ['us-east-1', 'ap-southeast-2']) {
      const of = client(region);
      const described = async (StreamName: string) => {
        const { StreamDescriptionSummary: summary } = await of.send(new DescribeStreamSummaryCommand({ StreamName }));
        return [summary?.StreamStatus, summary?.StreamModeDetails?.StreamMode, summary?.OpenShardCount];
      };
      expect(await described('orders')).toEqual(['ACTIVE', 'PROVISIONED', 4]);
      expect(await described('clicks')).toEqual(['ACTIVE', 'ON_DEMAND', 4]);
      expect(await described('events')).toEqual(['ACTIVE', 'PROVISIONED', 1]);
    }
  });

  it(`keeps at most ${MAX_REGIONS} regions, and goes on serving them`, async () => {
    await start();
    const account = (index: number) => `${100_000_000_000 + index}`;
    for (let index = 1; index < MAX_REGIONS; index++) {
      expect(await names(client('us-east-1', account(index)))).toEqual([]);
    }

    await expect(names(client('us-east-1', account(MAX_REGIONS)))).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    expect(await names(client('us-east-1', account(1)))).toEqual([]);
    expect(await names(client('us-east-1'))).toEqual([]);
  });

  it('opens no region for requests whose signature is refused', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-regions-'));
    const file = path.join(folder, 'keys.json');
    const { filePlace } = await import('../../cli/keys/credentials-place.ts');
    const { addCredential } = await import('../../lib/authentication/credential-changes.ts');
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } as const;
    const { created } = await filePlace(file).change((document) => addCredential(document, { name: 'me', policy }));
    await start({ CREDENTIALS_FILE: file });
    for (let index = 0; index < 3 * MAX_REGIONS; index++) {
      await expect(names(client(`xx-${'abcdefghijklmnop'[index % 16]}-${index % 10}`))).rejects.toThrow();
    }
    const regions = Array.from(
      { length: MAX_REGIONS - 1 },
      (_, index) => `zz-${'abcdefghijklmnopqrstuvwxyzabcdefgh'.slice(index, index + 2)}-${index % 10}`,
    );
    for (const region of regions) {
      const of = new KinesisClient({
        endpoint: server.endpoint,
        region,
        credentials: created,
        requestHandler: new NodeHttpHandler(),
      });
      clients.push(of);
      expect(await names(of)).toEqual([]);
    }
    await rm(folder, { recursive: true });
  });
});

describe('a server with a pinned region', () => {
  it('has it alone, whatever requests are signed for', async () => {
    await start({ REGION: 'eu-west-1', ACCOUNT_ID: '444455556666', STREAMS: 'orders' });

    expect(await arn(client('us-east-1', '111122223333'), 'orders')).toBe(
      'arn:aws:kinesis:eu-west-1:444455556666:stream/orders',
    );
  });

  it("is not pinned by the shell's region", async () => {
    await start({ AWS_REGION: 'eu-west-1', STREAMS: 'orders' });

    expect(await arn(client('us-east-1'), 'orders')).toBe('arn:aws:kinesis:us-east-1:000000000000:stream/orders');
  });
});

describe('a folder of data', () => {
  it('keeps every region for the next start', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-regions-'));
    await start({ DATA_DIR: folder });
    await create(client('us-east-1'), 'here');
    await create(client('eu-central-1'), 'there');
    await server.close();
    await start({ DATA_DIR: folder, AWS_REGION: 'sa-east-1' });

    expect(await names(client('us-east-1'))).toEqual(['here']);
    expect(await names(client('eu-central-1'))).toEqual(['there']);
    expect(await names(client('sa-east-1'))).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it('that is new belongs to the region of the server, whatever the region of the shell', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-regions-'));
    await start({ DATA_DIR: folder, AWS_REGION: 'eu-west-1' });

    expect(await readFile(path.join(folder, 'region'), 'utf8')).toBe('000000000000.us-east-1\n');
    await rm(folder, { recursive: true });
  });

  it('of an earlier version is read as the region that it had', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-regions-'));
    await start({ DATA_DIR: folder, REGION: 'eu-west-1' });
    await create(client('eu-west-1'), 'old');
    await server.close();
    // An earlier version had no such file. It took the shell's region.
    await rename(path.join(folder, 'region'), path.join(folder, 'gone'));
    await start({ DATA_DIR: folder, AWS_REGION: 'eu-west-1' });

    expect(await names(client('eu-west-1'))).toEqual(['old']);
    expect(await names(client('us-east-1'))).toEqual([]);
    expect(await readFile(path.join(folder, 'region'), 'utf8')).toBe('000000000000.eu-west-1\n');
    await rm(folder, { recursive: true });
  });
});

describe('tables of an engine outside', () => {
  it('are other ones for each region', async () => {
    const engine = await startEngine(availableEngines()[0] ?? 'dynalite', undefined);
    await start({ DYNAMODB_ENDPOINT: engine.endpoint, STREAMS: 'orders' });
    const [here, there] = [client('us-east-1'), client('eu-central-1')];
    await create(here, 'here');

    expect(await names(here)).toEqual(['here', 'orders']);
    expect(await names(there)).toEqual(['orders']);
    await server.close();
    await engine.close();
  });
});

describe('a reset', () => {
  it('removes the streams of every region but those of the start, and their records', async () => {
    await start({ STREAMS: 'orders' });
    const [here, there] = [client('us-east-1'), client('eu-central-1')];
    await create(here, 'here');
    await create(there, 'there');
    await here.send(new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'a', Data: Buffer.from('data') }));

    await server.reset();

    expect(await names(here)).toEqual(['orders']);
    expect(await names(there)).toEqual(['orders']);
    const start0 = { StreamName: 'orders', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await here.send(new GetShardIteratorCommand(start0));
    expect((await here.send(new GetRecordsCommand({ ShardIterator }))).Records).toEqual([]);
  });
});
