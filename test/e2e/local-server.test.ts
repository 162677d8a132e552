import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http2 from 'node:http2';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestLog } from '../../local/request-log.ts';
import { type LocalServer, type ServerOptions, startServer } from '../../local/server.ts';
import { openStore } from '../../local/store.ts';
import { runCommand } from '../support/command-line.ts';
import { startServerProcess } from '../support/server-process.ts';
import { SIGNED } from '../support/test-api.ts';

let folder: string;
let server: LocalServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rivulet-local-'));
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function start(options: Partial<ServerOptions> = {}): Promise<LocalServer> {
  server = await startServer({ port: 0, trail: { write: () => {} }, ...options });
  return server;
}

const call = (endpoint: string, action: string, input: object) =>
  fetch(endpoint, {
    method: 'POST',
    headers: { ...SIGNED, 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `Kinesis_20131202.${action}` },
    body: JSON.stringify(input),
  });

describe('GET /health', () => {
  it('answers 200 while the server can read its data, over HTTP/2 too, without a signature', async () => {
    const { endpoint } = await start();
    const response = await fetch(`${endpoint}/health`);

    expect([response.status, await response.json()]).toEqual([200, { status: 'ready' }]);
    expect((await fetch(`${endpoint}/health?probe=1`, { method: 'HEAD' })).status).toBe(200);
    const session = http2.connect(endpoint);
    const status = await new Promise((resolve) => {
      session
        .request({ ':path': '/health' })
        .on('response', (headers) => resolve(headers[':status']))
        .resume();
    });
    expect(status).toBe(200);
    session.destroy();
  });

  it('answers 503 when the store does not, and nothing about why', async () => {
    const store = await openStore({
      ACCOUNT_ID: '000000000000',
      AWS_REGION: 'us-east-1',
      STREAMS_TABLE: 's',
      RECORDS_TABLE: 'r',
    });
    const { endpoint } = await start({ store, environment: { STREAMS_TABLE: 's', RECORDS_TABLE: 'r' } });
    store.close();
    const response = await fetch(`${endpoint}/health`);

    expect([response.status, await response.text()]).toEqual([503, '{"status":"not ready"}\n']);
  });

  it('leaves every other path and method to Kinesis', async () => {
    const { endpoint } = await start();
    const [health, other] = await Promise.all(
      ['/health', '/other'].map((at) => fetch(`${endpoint}${at}`, { method: 'POST', body: '{}', headers: SIGNED })),
    );

    expect(health?.status).toBe(other?.status);
    expect(health?.status).not.toBe(200);
    expect((await fetch(`${endpoint}/healthy`)).status).toBe((await fetch(`${endpoint}/`)).status);
  });
});

describe('lines about requests', () => {
  async function linesOf(of: 'requests' | 'faults', isTTY: boolean): Promise<string> {
    let text = '';
    const output = {
      isTTY,
      write: (written: string) => {
        text += written;
      },
    };
    const { endpoint } = await start({ callLog: requestLog(of, output), environment: { STREAMS: 'orders' } });
    const Records = [{ PartitionKey: 'secret key', Data: 'c2VjcmV0' }];
    await call(endpoint, 'PutRecords', { StreamName: 'orders', Records });
    const started = await call(endpoint, 'GetShardIterator', {
      StreamName: 'orders',
      ShardId: '0',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    await call(endpoint, 'GetRecords', (await started.json()) as object);
    await call(endpoint, 'DescribeStream', { StreamName: 'no\u001b[2J' });
    await call(endpoint, 'DescribeStream', { StreamName: 'nothing' });
    return text;
  }

  it('are JSON where no terminal is: one for each request, with the stream of an iterator, and no data or keys', async () => {
    const text = await linesOf('requests', false);
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

    expect(lines).toMatchObject([
      { operation: 'PutRecords', stream: 'orders', records: 1 },
      { operation: 'GetShardIterator', stream: 'orders' },
      { operation: 'GetRecords', stream: 'orders', records: 1 },
      { operation: 'DescribeStream', fault: 'ValidationException' },
      { operation: 'DescribeStream', stream: 'nothing', fault: 'ResourceNotFoundException' },
    ]);
    expect(text).not.toMatch(/secret/i);
  });

  it('are for people on a terminal, and hold nothing that a client can make it do', async () => {
    const text = await linesOf('requests', true);

    expect(text.trim().split('\n')).toHaveLength(5);
    expect(text).toContain('1 record');
    expect(text).not.toContain('\u001b[2J');
  });

  it('tell of failed requests alone, if that is asked for', async () => {
    expect(
      (await linesOf('faults', false))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).fault),
    ).toEqual(['ValidationException', 'ResourceNotFoundException']);
  });
});

describe('a server that cannot start', () => {
  const failing = async (...parameters: string[]) => {
    const { code, errors } = await runCommand(['start', ...parameters]);
    expect(code).toBe(1);
    expect(errors.trim().split('\n')).toHaveLength(1);
    return errors;
  };

  it('tells that its port is in use', async () => {
    const listener = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    const { port } = listener.address() as net.AddressInfo;

    expect(await failing('--port', String(port))).toContain(`port ${port} is in use`);
    listener.close();
  });

  it('tells which setting is wrong, and what to do', async () => {
    const file = path.join(folder, 'file');
    await writeFile(file, '{"credentials": 7}');

    expect(await failing('--data', file)).toContain(
      `DATA_DIR ${file} cannot be used: it is a file, and has to be a folder`,
    );
    expect(await failing('--data', path.join(file, 'below'))).toContain('cannot be used: a part of its path is a file');
    expect(await failing('--credentials', path.join(folder, 'none'))).toContain('it does not exist. `rivulet keys add');
    expect(await failing('--credentials', file)).toContain(`CREDENTIALS_FILE ${file} cannot be used`);
    expect(await failing('--dynamodb-endpoint', 'localhost:8000')).toContain('DYNAMODB_ENDPOINT must be a URL');
    expect(await failing('--dynamodb-endpoint', 'http://127.0.0.1:65533')).toContain(
      'DYNAMODB_ENDPOINT http://127.0.0.1:65533 cannot be used',
    );
    expect(await failing('--port', 'x')).toContain('PORT must be a whole number from 0 to 65535');
    expect(await failing('--streams', 'a:999999')).toContain('the stream a of STREAMS could not be created');
  });

  it('tells that another process has its folder', async () => {
    const first = await startServerProcess({ DATA_DIR: folder });

    expect(await failing('--port', '0', '--data', folder)).toContain(
      'another process holds the file: end that process, or choose another folder',
    );
    first.process.kill('SIGTERM');
    await first.ended;
  });
});

describe('the certificate of the local port', () => {
  it('covers the names of HOST_NAMES, and is made anew when there is another one', async () => {
    const names = async (HOST_NAMES: string) => {
      const { endpoint } = await start({ environment: { DATA_DIR: folder, HOST_NAMES } });
      const socket = tls.connect({
        port: Number(new URL(endpoint).port),
        host: '127.0.0.1',
        rejectUnauthorized: false,
      });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
      const { subjectaltname, fingerprint } = socket.getPeerCertificate();
      socket.destroy();
      await server?.close();
      return { subjectaltname, fingerprint };
    };
    const first = await names('kinesis.test');
    expect(first.subjectaltname).toContain('DNS:localhost, DNS:kinesis.test');
    expect(await names('kinesis.test')).toEqual(first);
    expect((await names('kinesis.test,other.test')).subjectaltname).toContain('DNS:other.test');
  });
});

describe('an unmodified client', () => {
  it('is served on a server that has its stream from the start', async () => {
    const { endpoint } = await start({ environment: { STREAMS: 'orders' } });
    const client = new KinesisClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
    });

    const put = new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'a', Data: Buffer.from('data') });
    expect((await client.send(put)).ShardId).toBe('shardId-000000000000');
    client.destroy();
  });
});
