import { execSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateStreamCommand, KinesisClient, PutRecordsCommand, waitUntilStreamExists } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateway } from '../../local/gateway.ts';
import { HttpServer } from '../../local/http-server.ts';
import { Intake } from '../../local/intake.ts';
import { availableEngines, type Engine, startEngine } from '../support/dynamodb-engines.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { base64, TestApi } from '../support/test-api.ts';
import { until } from '../support/until.ts';
import { FaultProxy } from '../torture/fault-proxy.ts';
import type { Fault } from '../torture/fault-schedule.ts';

const MIB = 1024 * 1024;

/** The number of connections that this machine allows two processes, at most ten thousand. */
const CONNECTIONS = Math.max(50, Math.min(10_000, Number(execSync('ulimit -n').toString()) - 500 || 10_000));

/**
 * The possible results of a record. If it has to wait too long, it is refused as by the limits of its shard. If the
 * engine has no time, it fails. If the server has no time, it loses its connection. Producers send all of these
 * records again.
 */
const OVERLOADED = ['put', 'ProvisionedThroughputExceededException', 'InternalFailure', 'TimeoutError'];

const noCertificate = () => Promise.reject(new Error('no TLS here'));

describe('a server process', () => {
  const StreamName = 'stream';
  let server: ServerProcess;
  let port: number;
  let kinesis: KinesisClient;

  beforeAll(async () => {
    server = await startServerProcess({});
    port = Number(new URL(server.endpoint).port);
    kinesis = new KinesisClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({ httpAgent: new http.Agent({ keepAlive: true }) }),
    });
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 4 }));
    await waitUntilStreamExists({ client: kinesis, minDelay: 0.05, maxDelay: 0.5, maxWaitTime: 300 }, { StreamName });
  });

  afterAll(async () => {
    kinesis.destroy();
    server.process.kill('SIGTERM');
    await server.ended;
  });

  /** @returns the results of the records, or of the call: the codes of errors, and `put` */
  async function putRecords(count: number): Promise<string[]> {
    const Records = Array.from({ length: count }, (_, i) => ({ PartitionKey: `${i}`, Data: Buffer.alloc(100, 'x') }));
    try {
      const answer = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
      return (answer.Records ?? []).map(({ ErrorCode = 'put' }) => ErrorCode);
    } catch (error) {
      return [(error as Error).name];
    }
  }

  /** The most memory that the process has used, bytes; undefined if the machine does not report it. */
  function peakMemory(): number | undefined {
    const file = `/proc/${server.process.pid}/status`;
    const kilobytes = existsSync(file) && /VmHWM:\s+(\d+) kB/.exec(readFileSync(file, 'utf8'))?.[1];
    return kilobytes ? Number(kilobytes) * 1024 : undefined;
  }

  it('takes a thousand PutRecords at once, and is itself again right afterwards', async () => {
    const results = await Promise.all(Array.from({ length: 1_000 }, () => putRecords(100)));

    expect([...new Set(results.flat())].filter((result) => !OVERLOADED.includes(result))).toEqual([]);
    expect(results.flat()).toContain('put');
    expect(await putRecords(1)).toEqual(['put']);
    expect(peakMemory() ?? 0).toBeLessThan(1_500 * MIB);
  });

  it(`takes ${CONNECTIONS} idle connections, and serves others meanwhile`, async () => {
    const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => idleConnection(port)));

    expect(await putRecords(1)).toEqual(['put']);
    const refused = sockets.filter((socket) => socket.errored !== null);
    expect(refused.length).toBeLessThan(CONNECTIONS * 0.05);
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

    expect(await putRecords(1)).toEqual(['put']);
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

    await new Promise((resolve) => socket.once('close', resolve));

    clearInterval(dribble);
    await server.close();
  });
});

describe('a server that is full', () => {
  const statusOf = async (endpoint: string, body: string) => {
    const response = await fetch(endpoint, { method: 'POST', body });
    await response.arrayBuffer();
    return response.status;
  };

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
    const asked = Promise.withResolvers<void>();
    const large = async () => {
      asked.resolve();
      return { statusCode: 200, body: 'x'.repeat(20_000_000) };
    };
    const server = new HttpServer(gateway(large, 10_000, intake), noCertificate);
    const port = await server.listen(0, '127.0.0.1');
    const unread = net.connect(port, '127.0.0.1');
    unread.pause();
    unread.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    await asked.promise;

    expect(await statusOf(`http://127.0.0.1:${port}`, 'x')).toBe(503);
    unread.destroy();
    await until(async () => (await statusOf(`http://127.0.0.1:${port}`, 'x')) === 200);
    await server.close();
  });

  it('refuses what is beyond its room at once, with a status that clients retry, and takes more when there is room', async () => {
    const open = Promise.withResolvers<void>();
    let asked = 0;
    const intake = new Intake({ requests: 2, bodyBytes: 1_000 });
    const slow = gateway(
      async ({ body }) => {
        asked += 1;
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
    await until(() => asked === 1);
    expect(await statusOf(endpoint, 'x'.repeat(600))).toBe(503);
    const second = statusOf(endpoint, 'x'.repeat(100));
    await until(() => asked === 2);
    expect(await statusOf(endpoint, '')).toBe(503);

    open.resolve();
    expect(await Promise.all([first, second])).toEqual([200, 200]);
    expect(await statusOf(endpoint, 'x'.repeat(1_000))).toBe(200);
    await server.close();
  });
});

describe('while DynamoDB refuses calls for their load', () => {
  let engine: Engine;
  let proxy: FaultProxy;
  let api: TestApi;
  let draw: () => Fault | undefined = () => undefined;
  let aheadMs = 0;

  beforeAll(async () => {
    engine = await startEngine(availableEngines()[0] ?? 'dynalite', undefined);
    const url = new URL(engine.endpoint);
    proxy = await FaultProxy.start(
      () => draw(),
      () => url,
    );
    api = await TestApi.start({
      now: () => Date.now() + aheadMs,
      environment: { DYNAMODB_ENDPOINT: proxy.endpoint },
    });
    await api.createStream('stream');
  });

  afterAll(async () => {
    await api.close();
    await proxy.close();
    await engine.close();
  });

  it('requests are refused after a few tries, by the errors that clients retry, nothing is written, and all is well right afterwards', async () => {
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
    let tries = 0;
    draw = () => {
      tries += 1;
      return { kind: 'throttled', error: 'ProvisionedThroughputExceededException' };
    };

    const answers = await Promise.all(calls.map(([action, input]) => api.call(action, input)));
    const records = await api.ok('PutRecords', { StreamName, Records: [put('refused too')] });

    // Every request tries one call three times, and then makes no other call.
    expect(tries).toBeLessThanOrEqual(3 * (calls.length + 1));
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
    const throttled = () => {
      // Each attempt takes as long as a writer may wait for the response.
      aheadMs += 10_000;
      return { kind: 'throttled', error: 'ThrottlingException' } as const;
    };
    proxy.trap = {
      moment: 'the put of a batch',
      when: 'after',
      kills: true,
      caught: () => {},
      spring: () => {
        proxy.trap = undefined;
        draw = throttled;
      },
    };

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
