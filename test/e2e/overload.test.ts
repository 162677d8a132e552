import { execSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateway } from '../../local/gateway.ts';
import { HttpServer } from '../../local/http-server.ts';
import { Intake } from '../../local/intake.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { base64, TestApi } from '../support/test-api.ts';
import { FaultProxy } from '../torture/fault-proxy.ts';
import type { Fault } from '../torture/fault-schedule.ts';
import { callKinesis } from '../torture/kinesis-call.ts';

const MIB = 1024 * 1024;

/** Connections that this machine lets two processes have, and at most ten thousand. */
const CONNECTIONS = Math.max(50, Math.min(10_000, Number(execSync('ulimit -n').toString()) - 500 || 10_000));

const noCertificate = () => Promise.reject(new Error('no TLS here'));

describe('a server process', () => {
  let server: ServerProcess;
  let port: number;

  beforeAll(async () => {
    server = await startServerProcess({});
    port = Number(new URL(server.endpoint).port);
    await callKinesis(server.endpoint, 'CreateStream', { StreamName: 'stream', ShardCount: 4 });
    for (let status = ''; status !== 'ACTIVE'; await sleep(20)) {
      const result = await callKinesis(server.endpoint, 'DescribeStreamSummary', { StreamName: 'stream' });
      status = result.kind === 'answered' ? result.body.StreamDescriptionSummary.StreamStatus : '';
    }
  });

  afterAll(async () => {
    server.process.kill('SIGTERM');
    await server.ended;
  });

  const putRecords = (records: number) =>
    callKinesis(server.endpoint, 'PutRecords', {
      StreamName: 'stream',
      Records: Array.from({ length: records }, (_, i) => ({
        PartitionKey: `${i}`,
        Data: base64('x'.repeat(100)),
      })),
    });

  /** The most memory that the process has had, bytes; undefined where it cannot be told. */
  function peakMemory(): number | undefined {
    const file = `/proc/${server.process.pid}/status`;
    const kilobytes = existsSync(file) && /VmHWM:\s+(\d+) kB/.exec(readFileSync(file, 'utf8'))?.[1];
    return kilobytes ? Number(kilobytes) * 1024 : undefined;
  }

  /** How long one put takes, ms; it has to succeed. */
  async function timeOfPut(): Promise<number> {
    const start = performance.now();
    expect(await putRecords(1)).toMatchObject({ status: 200, body: { FailedRecordCount: 0 } });
    return performance.now() - start;
  }

  it('takes a thousand PutRecords at once, and is itself again right afterwards', async () => {
    const results = await Promise.all(Array.from({ length: 1_000 }, () => putRecords(100)));

    const statuses = new Set(results.map((result) => (result.kind === 'answered' ? result.status : result.kind)));
    const errors = new Set(
      results.flatMap((result) =>
        result.kind === 'answered' ? (result.body?.Records ?? []).map((r: { ErrorCode?: string }) => r.ErrorCode) : [],
      ),
    );
    // A record that had to wait too long is refused, as by the limits of its shard; nothing fails in another way.
    expect([...statuses]).toEqual([200]);
    expect(
      [...errors].filter((code) => code !== undefined && code !== 'ProvisionedThroughputExceededException'),
    ).toEqual([]);
    expect(await timeOfPut()).toBeLessThan(1_000);
    expect(peakMemory() ?? 0).toBeLessThan(1_500 * MIB);
  });

  it(`serves others while ${CONNECTIONS} connections are kept and idle`, async () => {
    const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => idleConnection(port)));

    const open = sockets.filter((socket) => !socket.destroyed);
    expect(open.length).toBeGreaterThan(CONNECTIONS * 0.95);
    expect(await timeOfPut()).toBeLessThan(2_000);
    for (const socket of sockets) {
      socket.destroy();
    }
    expect(peakMemory() ?? 0).toBeLessThan(1_500 * MIB);
  });

  it('serves others while hundreds of clients send their bodies byte by byte', async () => {
    const sockets = await Promise.all(Array.from({ length: 300 }, () => idleConnection(port)));
    for (const socket of sockets) {
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{');
    }
    const dribble = setInterval(() => sockets.map((socket) => socket.write(' ')), 50);
    await sleep(300);

    expect(await timeOfPut()).toBeLessThan(1_000);
    clearInterval(dribble);
    for (const socket of sockets) {
      socket.destroy();
    }
  });
});

describe('a client that sends its headers too slowly', () => {
  it('is let go', async () => {
    const server = new HttpServer((_request, response) => response.end(), noCertificate, 200);
    const socket = await idleConnection(await server.listen(0, '127.0.0.1'));
    socket.write('POST / HTTP/1.1\r\n');
    const dribble = setInterval(() => socket.write('a: b\r\n'), 20);
    const start = performance.now();

    await new Promise((resolve) => socket.once('close', resolve));

    expect(performance.now() - start).toBeLessThan(5_000);
    clearInterval(dribble);
    await server.close();
  });
});

describe('a server that is full', () => {
  const statusOf = async (endpoint: string, body: string) => (await fetch(endpoint, { method: 'POST', body })).status;

  it('gives up an exchange whose body does not arrive, also on HTTP/2, and one that it has refused', async () => {
    const intake = new Intake({ requests: 1, bodyBytes: 1_000 });
    const server = new HttpServer(
      gateway(async () => ({ statusCode: 200 }), 10_000, intake, { bodyTimeoutMs: 200 }),
      noCertificate,
    );
    const port = await server.listen(0, '127.0.0.1');
    const session = http2.connect(`http://127.0.0.1:${port}`);
    const unfinished = [1, 2].map(() => {
      const stream = session.request({ ':method': 'POST', ':path': '/' });
      stream.on('error', () => {});
      stream.resume();
      stream.write('x');
      return new Promise((resolve) => stream.once('close', resolve));
    });

    await Promise.all(unfinished);

    expect(await statusOf(`http://127.0.0.1:${port}`, 'x')).toBe(200);
    session.destroy();
    await server.close();
  });

  it('holds what it has taken in until its answer has left', async () => {
    const intake = new Intake({ requests: 1, bodyBytes: 1_000 });
    const large = 'x'.repeat(20_000_000);
    const server = new HttpServer(
      gateway(async () => ({ statusCode: 200, body: large }), 10_000, intake),
      noCertificate,
    );
    const port = await server.listen(0, '127.0.0.1');
    const unread = net.connect(port, '127.0.0.1');
    unread.pause();
    unread.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    await sleep(200);

    expect(await statusOf(`http://127.0.0.1:${port}`, 'x')).toBe(503);
    unread.destroy();
    await sleep(100);
    expect(await statusOf(`http://127.0.0.1:${port}`, 'x')).toBe(200);
    await server.close();
  });

  it('refuses what is beyond its room at once, with a status that clients retry, and takes more when there is room', async () => {
    const open = Promise.withResolvers<void>();
    const intake = new Intake({ requests: 2, bodyBytes: 1_000 });
    const slow = gateway(
      async ({ body }) => {
        await open.promise;
        return { statusCode: 200, body: String(body?.length) };
      },
      10_000,
      intake,
    );
    const server = new HttpServer(slow, noCertificate);
    const endpoint = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;

    expect(await statusOf(endpoint, 'x'.repeat(1_001))).toBe(503);
    const first = statusOf(endpoint, 'x'.repeat(600));
    await sleep(50);
    expect(await statusOf(endpoint, 'x'.repeat(600))).toBe(503);
    const second = statusOf(endpoint, 'x'.repeat(100));
    await sleep(50);
    expect(await statusOf(endpoint, '')).toBe(503);

    open.resolve();
    expect(await Promise.all([first, second])).toEqual([200, 200]);
    expect(await statusOf(endpoint, 'x'.repeat(1_000))).toBe(200);
    await server.close();
  });
});

describe('while DynamoDB refuses calls for their load', () => {
  let first: TestApi;
  let proxy: FaultProxy;
  let api: TestApi;
  let draw: () => Fault | undefined = () => undefined;

  beforeAll(async () => {
    first = await TestApi.start();
    const engine = new URL(first.rivulet.environment.AWS_ENDPOINT_URL_DYNAMODB as string);
    proxy = await FaultProxy.start(
      () => draw(),
      () => engine,
    );
    api = await TestApi.start({ environment: { DYNAMODB_ENDPOINT: proxy.endpoint } });
    await api.createStream('stream');
  });

  afterAll(async () => {
    await api.close();
    await proxy.close();
    await first.close();
  });

  it('requests are refused soon, by the errors that clients retry, nothing is written, and all is well right afterwards', async () => {
    const StreamName = 'stream';
    const put = (text: string) => ({ StreamName, PartitionKey: 'a', Data: base64(text) });
    const { ShardIterator } = await api.ok('GetShardIterator', {
      StreamName,
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    await api.ok('PutRecord', put('before'));
    const calls: [string, object, string][] = [
      ['PutRecord', put('refused'), 'ProvisionedThroughputExceededException'],
      ['GetRecords', { ShardIterator }, 'ProvisionedThroughputExceededException'],
      ['DescribeStreamSummary', { StreamName }, 'LimitExceededException'],
      ['CreateStream', { StreamName: 'other', ShardCount: 1 }, 'LimitExceededException'],
      ['SplitShard', { StreamName, ShardToSplit: '0', NewStartingHashKey: '7' }, 'LimitExceededException'],
    ];
    draw = () => ({ kind: 'throttled', error: 'ProvisionedThroughputExceededException' });
    const start = performance.now();

    const answers = await Promise.all(calls.map(([action, input]) => api.call(action, input)));
    const records = await api.ok('PutRecords', { StreamName, Records: [put('refused too')] });

    expect(performance.now() - start).toBeLessThan(8_000);
    expect(answers.map(({ status, body }) => [status, body.__type])).toEqual(calls.map(([, , code]) => [400, code]));
    expect(records.Records[0].ErrorCode).toBe('ProvisionedThroughputExceededException');
    draw = () => undefined;
    await api.ok('PutRecord', put('after'));
    const texts: string[] = [];
    for (let Iterator = ShardIterator; texts.length < 2; await sleep(50)) {
      const page = await api.ok('GetRecords', { ShardIterator: Iterator });
      texts.push(...page.Records.map(({ Data }: { Data: string }) => Buffer.from(Data, 'base64').toString()));
      Iterator = page.NextShardIterator;
    }
    expect(texts).toEqual(['before', 'after']);
    expect(api.logged).toEqual([]);
  });

  it('a put whose first attempt may have been applied is not told as refused', async () => {
    let calls = 0;
    const faults: (Fault | undefined)[] = [
      { kind: 'answer-lost' },
      ...Array.from({ length: 60 }, () => ({ kind: 'throttled', error: 'ThrottlingException' }) as const),
    ];
    await api.ok('PutRecord', { StreamName: 'stream', PartitionKey: 'a', Data: base64('warm') });
    draw = () => faults[calls++];

    const { status } = await api.call('PutRecord', { StreamName: 'stream', PartitionKey: 'a', Data: base64('lost') });

    draw = () => undefined;
    expect(status).toBe(500);
  });
});

/** A connection on which nothing is sent yet. */
function idleConnection(port: number): Promise<net.Socket> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => {
      socket.destroy();
      resolve(socket);
    });
  });
}
