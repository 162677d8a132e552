import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../local/server.ts';
import { SIGNED, TestApi } from '../support/test-api.ts';

let api: TestApi;
let dataDir: string;
let port: number;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'rivulet-tls-'));
  api = await TestApi.start({ environment: { DATA_DIR: dataDir } });
  port = Number(new URL(api.endpoint).port);
});

afterAll(async () => {
  await api.close();
  await rm(dataDir, { recursive: true, force: true });
});

const HEADERS = {
  ...SIGNED,
  'Content-Type': 'application/x-amz-json-1.1',
  'X-Amz-Target': 'Kinesis_20131202.ListStreams',
};

const REQUEST = [
  'POST / HTTP/1.1',
  'Host: localhost',
  ...Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}`),
  'Content-Length: 2',
  '',
  '{}',
].join('\r\n');

/**
 * Sends a request in pieces.
 * @returns the head of the response, or its part that arrived before the connection was closed
 */
async function answerTo(pieces: readonly string[], pauseMs = 5): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  let answer = '';
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (answer.includes('\r\n\r\n')) {
        resolve();
      }
    });
    socket.on('close', () => resolve());
  });
  socket.on('error', () => {});
  for (const piece of pieces) {
    socket.write(piece);
    await sleep(pauseMs);
  }
  await answered;
  socket.destroy();
  return answer;
}

/** Sends bytes, and nothing more after them. Waits until the server closes the connection. */
async function sendGarbage(...pieces: readonly (string | Buffer)[]): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => {});
  socket.resume();
  for (const piece of pieces) {
    socket.write(piece);
  }
  socket.end();
  await closed;
}

describe('one port', () => {
  it('is open to this machine only, by either protocol of the internet', async () => {
    const rivulet = await startServer({ port: 0 });
    const opened = Number(new URL(rivulet.endpoint).port);
    const reached = (host: string) =>
      new Promise<boolean>((resolve) => {
        const socket = net.connect(opened, host, () => resolve(true));
        socket.once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      });
    const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);

    for (const { address, internal } of addresses.filter(({ scopeid }) => !scopeid)) {
      expect([address, await reached(address)]).toEqual([address, internal]);
    }
    expect(addresses.some(({ internal }) => internal)).toBe(true);
    await rivulet.close();
  });

  it('has no page of the web, and a page of this machine', async () => {
    const answers = await Promise.all(
      ['https://example.com', 'http://localhost:3000'].map((origin) =>
        answerTo([REQUEST.replace('\r\n', `\r\nOrigin: ${origin}\r\n`)]),
      ),
    );

    expect(answers[0]).toMatch(/^HTTP\/1\.1 403[\s\S]*ALLOWED_ORIGINS/);
    expect(answers[1]).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it('speaks HTTP/1.1, also to a client that sends byte by byte', async () => {
    expect(await answerTo([...REQUEST], 1)).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it('speaks HTTP/2 without TLS, also when the preface comes in pieces', async () => {
    const proxy = net.createServer((from) => {
      const to = net.connect(port, '127.0.0.1');
      to.pipe(from);
      from.on('data', async (chunk) => {
        from.pause();
        for (let at = 0; at < chunk.length; at += 3) {
          to.write(chunk.subarray(at, at + 3));
          await sleep(1);
        }
        from.resume();
      });
      from.on('close', () => to.destroy());
      for (const side of [from, to]) {
        side.on('error', () => from.destroy());
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()));
    const session = http2.connect(`http://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`);

    const status = await http2Status(session);

    expect(status).toBe(200);
    session.destroy();
    proxy.close();
  });

  it('speaks TLS with the protocol that the client chooses', async () => {
    const session = http2.connect(`https://localhost:${port}`, { rejectUnauthorized: false });

    expect(await http2Status(session)).toBe(200);
    session.destroy();
    expect(await https1Status()).toBe(200);
  });

  /** A TLS connection that has chosen no protocol (ALPN), as the Java SDK's asynchronous client opens it. */
  const connectWithoutAlpn = () =>
    new Promise<tls.TLSSocket>((resolve, reject) => {
      const socket = tls.connect({ port, host: 'localhost', servername: 'localhost', rejectUnauthorized: false }, () =>
        resolve(socket),
      );
      socket.once('error', reject);
    });

  it('speaks HTTP/2 inside TLS with a client that has not chosen it, but begins with it', async () => {
    const socket = await connectWithoutAlpn();
    expect(socket.alpnProtocol).toBe(false);
    const session = http2.connect(`https://localhost:${port}`, { createConnection: () => socket });

    expect(await http2Status(session)).toBe(200);
    session.destroy();
  });

  it('speaks HTTP/1.1 inside TLS with a client that has not chosen it', async () => {
    const socket = await connectWithoutAlpn();
    socket.write(REQUEST);

    const [answer] = await once(socket, 'data');

    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 OK/);
    socket.destroy();
  });

  it('refuses TLS inside TLS', async () => {
    const socket = await connectWithoutAlpn();
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    socket.write(Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]));

    await closed;
  });

  it.each([
    ['HTTP/2', new NodeHttp2Handler()],
    ['HTTP/1.1', new NodeHttpHandler({ httpsAgent: new https.Agent({ rejectUnauthorized: false }) })],
  ])('serves the SDK over TLS and %s', async (what, requestHandler) => {
    const trusted = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    if (what === 'HTTP/2') {
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    }
    const kinesis = new KinesisClient({
      endpoint: `https://localhost:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      requestHandler,
    });

    expect((await kinesis.send(new ListStreamsCommand({}))).StreamNames).toEqual([]);
    kinesis.destroy();
    if (trusted === undefined) {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
  });

  it('makes a certificate for localhost, and keeps it where only the owner reads the key', async () => {
    await https1Status();
    const cert = await readFile(path.join(dataDir, 'certificate.pem'), 'utf8');

    const offered = await new Promise<string>((resolve) => {
      const socket = tls.connect({ port, host: 'localhost', ca: cert, servername: 'localhost' }, () => {
        resolve(socket.authorized ? 'trusted' : String(socket.authorizationError));
        socket.destroy();
      });
      socket.on('error', (error) => resolve(error.message));
    });

    expect(offered).toBe('trusted');
    expect((await stat(path.join(dataDir, 'certificate-key.pem'))).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  it('outlives garbage: half prefaces, false handshakes, requests that break off', async () => {
    await Promise.all([
      sendGarbage('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', Buffer.alloc(100, 0xff)),
      sendGarbage('PRI * HTTP'),
      sendGarbage(Buffer.from([0x16, 3, 1, 0xff, 0xff]), Buffer.alloc(1_000, 7)),
      sendGarbage(Buffer.alloc(5_000, 0)),
      sendGarbage('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc'),
      sendGarbage('GET / HTTP/9.9\r\n\r\n'),
      sendGarbage(`POST / HTTP/1.1\r\n${'X-Long: '.padEnd(100_000, 'x')}\r\n\r\n`),
    ]);

    expect(await answerTo([REQUEST])).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(api.logged).toEqual([]);
  });

  it('refuses a certificate without its key at start', async () => {
    await expect(TestApi.start({ environment: { TLS_CERT: '/nowhere' } })).rejects.toThrow(
      'TLS_CERT and TLS_KEY must be set together',
    );
  });
});

function http2Status(session: http2.ClientHttp2Session): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({ ':method': 'POST', ':path': '/', ...HEADERS });
    stream.on('response', (headers) => resolve(headers[':status']));
    stream.on('error', reject);
    stream.end('{}');
  });
}

function https1Status(): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { port, host: 'localhost', method: 'POST', headers: HEADERS, rejectUnauthorized: false };
    const request = https.request(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
    request.end('{}');
  });
}

describe('a client in no hurry', () => {
  it('that has sent half a preface leaves everyone else alone', async () => {
    const sockets = ['P', 'PRI', 'PRI * HTTP/2.0\r\n'].map((part) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(part);
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));

    expect(await answerTo([REQUEST])).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(await answerTo(['P', REQUEST.slice(1)], 50)).toMatch(/^HTTP\/1\.1 200 OK/);
    for (const socket of sockets) {
      socket.destroy();
    }
  });

  it('that ends without a word is let go', async () => {
    const closed = new Promise<void>((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.once('close', () => resolve());
      socket.on('error', () => {});
      socket.end();
    });

    await closed;
  });
});
