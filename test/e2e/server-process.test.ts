import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  KinesisServiceException,
  PutRecordCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableEngines, startEngine } from '../support/dynamodb-engines.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { FaultProxy } from '../torture/fault-proxy.ts';
import type { Fault } from '../torture/fault-schedule.ts';

/** How often a process is killed. `KILLS=50` makes this more often. */
const KILLS = Number(process.env.KILLS ?? 3);

/** The number of records that a process acknowledges before it is killed. */
const RECORDS_PER_LIFE = 50;

/** Waiters of the SDK read again soon. They wait as long as a busy machine needs. */
const WAIT = { minDelay: 0.05, maxDelay: 0.5, maxWaitTime: 300 };

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'rivulet-test-'));
});

afterAll(() => rm(dataDir, { recursive: true, force: true }));

const connect = (endpoint: string) =>
  new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
    maxAttempts: 1,
  });

async function createStream(kinesis: KinesisClient, StreamName: string): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await waitUntilStreamExists({ client: kinesis, ...WAIT }, { StreamName });
}

async function readAll(kinesis: KinesisClient, StreamName: string): Promise<string[]> {
  let { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({ StreamName, ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' }),
  );
  const read: string[] = [];
  for (;;) {
    const page = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    read.push(...(page.Records ?? []).map(({ Data = new Uint8Array() }) => Buffer.from(Data).toString()));
    ShardIterator = page.NextShardIterator;
    if (page.MillisBehindLatest === 0 && page.Records?.length === 0) {
      return read;
    }
    // A gap that the killed process left delays readers for about a second.
    await sleep(100);
  }
}

describe('the server process', () => {
  it('prints where it answers, where its data lives, and a command to try', async () => {
    const server = await startServerProcess({});

    expect(server.printed.join('\n')).toContain(`Rivulet answers at ${server.endpoint}`);
    expect(server.printed.join('\n')).toContain('Its data lives in memory');
    expect(server.printed.join('\n')).toContain(`aws --endpoint-url ${server.endpoint} kinesis create-stream`);
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });

  it('says in one sentence why it cannot start', async () => {
    await expect(startServerProcess({ THROTTLING: 'maybe' })).rejects.toThrow(
      "Rivulet could not start: THROTTLING must be one of on, off, not 'maybe'",
    );
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'answers the requests in flight before it ends on %s',
    async (signal) => {
      const engine = await startEngine(availableEngines()[0] ?? 'dynalite', undefined);
      const inFlight = Promise.withResolvers<void>();
      let draw: () => Fault | undefined = () => undefined;
      const proxy = await FaultProxy.start(
        () => draw(),
        () => new URL(engine.endpoint),
      );
      const server = await startServerProcess({ DYNAMODB_ENDPOINT: proxy.endpoint });
      const kinesis = connect(server.endpoint);
      await createStream(kinesis, 'stream');
      const put = (PartitionKey: string) =>
        kinesis.send(new PutRecordCommand({ StreamName: 'stream', PartitionKey, Data: Buffer.alloc(100_000) }));
      draw = () => {
        inFlight.resolve();
        return { kind: 'slow-answer', delayMs: 500 };
      };
      const first = put('first');
      await inFlight.promise;
      const others = Promise.allSettled(Array.from({ length: 20 }, (_, i) => put(`${i}`)));

      server.process.kill(signal);

      expect((await first).SequenceNumber).toBeDefined();
      for (const other of await others) {
        // A request that the server has not accepted yet may find its port closed.
        expect(other.status === 'fulfilled' || /^(ECONNREFUSED|ECONNRESET|EPIPE)$/.test(other.reason.code)).toBe(true);
      }
      expect(await server.ended).toBe(0);
      expect(server.errors()).toMatch(new RegExp(`Rivulet ends: ${signal}\\.\n.*Rivulet has ended, with exit code 0`));
      kinesis.destroy();
      await proxy.close();
      await engine.close();
    },
  );

  it.each([
    ['holds the data of an earlier engine', 'dynoxide.db', 'it holds the data of an earlier engine (dynoxide.db)'],
    ['holds a damaged file', 'rivulet.db', 'cannot be used: its rivulet.db is none of this engine'],
  ])('says what is wrong with a folder that %s', async (_what, file, sentence) => {
    const broken = await mkdtemp(path.join(tmpdir(), 'rivulet-broken-'));
    const content = 'this is no database, and long enough to be read as one'.repeat(100);
    await writeFile(path.join(broken, file), content);

    await expect(startServerProcess({ DATA_DIR: broken })).rejects.toThrow(sentence);
    expect(await readFile(path.join(broken, file), 'utf8')).toBe(content);
    await rm(broken, { recursive: true, force: true });
  });

  it('says that another process holds the folder, and harms nothing', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-held-'));
    const first = await startServerProcess({ DATA_DIR: folder });
    const kinesis = connect(first.endpoint);
    await createStream(kinesis, 'held');

    await expect(startServerProcess({ DATA_DIR: folder })).rejects.toThrow(
      `Rivulet could not start: DATA_DIR ${folder} cannot be used: another process holds the file`,
    );

    const put = new PutRecordCommand({ StreamName: 'held', PartitionKey: 'k', Data: Buffer.from('after') });
    await kinesis.send(put);
    expect(await readAll(kinesis, 'held')).toEqual(['after']);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(path.join(folder, 'rivulet.db'))).mode & 0o777).toBe(0o600);
    first.process.kill('SIGTERM');
    await first.ended;
    kinesis.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  it('has every acknowledged record after it was killed in the middle of writes', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < KILLS; round++) {
      const server = await startServerProcess({ DATA_DIR: dataDir });
      const kinesis = connect(server.endpoint);
      if (round === 0) {
        await createStream(kinesis, 'kept');
      }
      const writing = Promise.allSettled(
        Array.from({ length: 8 }, (_, writer) => writeUntilKilled(kinesis, `${round}.${writer}`, acknowledged)),
      );
      const before = acknowledged.length;
      await until(() => acknowledged.length >= before + RECORDS_PER_LIFE);
      server.process.kill('SIGKILL');
      await Promise.all([writing, server.ended]);
      kinesis.destroy();
    }
    const server: ServerProcess = await startServerProcess({ DATA_DIR: dataDir });
    const kinesis = connect(server.endpoint);

    const read = await readAll(kinesis, 'kept');

    expect(read).toEqual([...new Set(read)]);
    expect(read).toEqual(expect.arrayContaining(acknowledged));
    server.process.kill('SIGTERM');
    await server.ended;
    kinesis.destroy();
  });

  it('finishes the transitions that a killed process left unfinished', async () => {
    const killed = await startServerProcess({ DATA_DIR: dataDir, TRANSITION_MS: '1500' });
    const before = connect(killed.endpoint);
    await before.send(new CreateStreamCommand({ StreamName: 'unfinished', ShardCount: 2 }));
    killed.process.kill('SIGKILL');
    await killed.ended;
    before.destroy();

    const server = await startServerProcess({ DATA_DIR: dataDir });
    const kinesis = connect(server.endpoint);

    await waitUntilStreamExists({ client: kinesis, ...WAIT }, { StreamName: 'unfinished' });
    server.process.kill('SIGTERM');
    await server.ended;
    kinesis.destroy();
  });
});

/** Puts records until the process is killed. It ignores faults while the process lives. */
async function writeUntilKilled(kinesis: KinesisClient, writer: string, acknowledged: string[]): Promise<void> {
  for (let i = 0; ; i++) {
    const text = `${writer}.${i}`;
    try {
      await kinesis.send(new PutRecordCommand({ StreamName: 'kept', PartitionKey: 'k', Data: Buffer.from(text) }));
      acknowledged.push(text);
    } catch (error) {
      if (!(error instanceof KinesisServiceException)) {
        throw error;
      }
    }
  }
}
