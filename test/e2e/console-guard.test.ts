import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { offerConsole } from '../../cli/commands/console.ts';
import { openEndpoint, openLocalEndpoint } from '../../client/endpoint.ts';
import type { LineStream } from '../../console/server/answers.ts';
import { type Calls, createCalls } from '../../console/server/calls.ts';
import { type ConsoleServer, serveConsole } from '../../console/server/console-server.ts';
import { signedCalls } from '../../console/server/signed-call.ts';
import { type LocalServer, startServer } from '../../local/server.ts';
import { until } from '../support/until.ts';

let server: LocalServer;
let page: ConsoleServer;
let forLooking: ConsoleServer;
const faults: unknown[] = [];

beforeAll(async () => {
  server = await startServer({
    port: 0,
    environment: { STREAMS: 'orders:1' },
    countsTraffic: true,
    trail: { write: () => {} },
  });
  const onError = (error: unknown) => faults.push(error);
  page = await offerConsole({ port: 0, anyPort: false, endpoint: server.endpoint, onError });
  forLooking = await serveConsole({
    port: 0,
    onError,
    openCalls: async (region) =>
      createCalls({
        endpoint: await openEndpoint({ endpoint: server.endpoint, region }),
        profile: undefined,
        readOnly: true,
        version: '0',
        cloudWatch: undefined,
      }),
  });
});

afterAll(async () => {
  await Promise.all([page.close(), forLooking.close()]);
  await server.close();
  expect(faults).toEqual([]);
});

interface Sent {
  readonly at?: ConsoleServer;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Sends a request as it is: `fetch` would set headers of its own. */
function send(path: string, { at = page, method = 'GET', body = '', headers = {} }: Sent = {}) {
  const { port } = new URL(at.address);
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, method, headers: given as Record<string, string> },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The headers that the console's own page sends. */
async function own(at = page): Promise<Record<string, string>> {
  const { host, origin } = new URL(at.address);
  const [cookie = ''] = (await send('/', { at, headers: { host } })).headers['set-cookie'] ?? [];
  return { host, origin, cookie: cookie.split(';', 1)[0] ?? '', 'content-type': 'application/json' };
}

const call = async (path: string, changed: Sent['headers'] = {}, at = page, body = '{}') =>
  send(`/api/${path}`, { at, method: 'POST', body, headers: { ...(await own(at)), ...changed } });

describe('a call of the console', () => {
  it('is answered for its own page', async () => {
    const { status, text } = await call('call/ListStreams');

    expect(status).toBe(200);
    expect(JSON.parse(text).StreamNames).toEqual(['orders']);
  });

  it.each<[string, Sent['headers']]>([
    ['without the secret', { cookie: undefined }],
    ['with another secret', { cookie: 'rivulet-console=x' }],
    ['with the secret of another start', { cookie: 'rivulet-console-1=x; rivulet-console=AAAA' }],
    ['of a page of another origin', { origin: 'https://example.com' }],
    ['of another server of this machine', { origin: 'http://127.0.0.1:1' }],
    ['of a page of the same port, by https', { origin: 'https://127.0.0.1' }],
    ['of a file or a sandboxed page', { origin: 'null' }],
    ['without an origin', { origin: undefined }],
    ['by a name that was made to lead here', { host: 'attacker.example:80' }],
    ['by another port', { host: '127.0.0.1:1', origin: 'http://127.0.0.1:1' }],
    ['of another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['of the same site, but another origin', { 'sec-fetch-site': 'same-site' }],
    ['of a form', { 'content-type': 'text/plain' }],
    ['of a form, encoded', { 'content-type': 'application/x-www-form-urlencoded' }],
  ])('is refused %s', async (_, headers) => {
    for (const path of ['about', 'call/ListStreams', 'traffic', 'rates', 'tail', 'watch', 'nothing']) {
      const { status, text } = await call(path, headers);

      expect([403, 415]).toContain(status);
      expect(text).not.toContain('orders');
      expect(JSON.parse(text).error.message).toEqual(expect.any(String));
    }
  });

  it.each<[string, (secret: string) => string]>([
    ['the beginning', (secret) => secret.slice(0, -1)],
    ['nothing', () => ''],
    ['more than it', (secret) => `${secret}A`],
    ['another case', (secret) => secret.toUpperCase().replace(/[A-Z]/, (letter) => letter.toLowerCase())],
  ])('is refused with %s of the secret', async (_, changed) => {
    const [name = '', secret = ''] = ((await own()).cookie ?? '').split('=');

    expect((await call('about', { cookie: `other=1; ${name}=${secret}` })).status).toBe(200);
    expect((await call('about', { cookie: `${name}=${changed(secret)}` })).status).toBe(403);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH'])('is refused by %s', async (method) => {
    const { status, headers } = await send('/api/call/ListStreams', { method, headers: await own() });

    expect(status).toBe(405);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each([
    '',
    'PutResourcePolicy',
    'DeleteResourcePolicy',
    'SubscribeToShard',
    'ListStreams/x',
    '../about',
    '__proto__',
  ])('of an operation that the page does not use is refused: %s', async (operation) => {
    const { status, text } = await call(`call/${operation}`);

    expect([403, 404]).toContain(status);
    expect(text).not.toMatch(/at .*\.(ts|js)/);
  });

  it.each(['PutRecords', 'CreateStream', 'DeleteStream', 'SplitShard', 'RegisterStreamConsumer', 'AddTagsToStream'])(
    'that changes something is refused where the console is for looking only: %s',
    async (operation) => {
      const { status, text } = await call(`call/${operation}`, {}, forLooking);

      expect([status, JSON.parse(text).error.code]).toEqual([403, 'ReadOnly']);
    },
  );

  it('that takes a subscription from its consumer is refused there too', async () => {
    const { status } = await call('watch', {}, forLooking, '{"consumerArn":"a","shard":"0","start":{"type":"LATEST"}}');

    expect(status).toBe(403);
  });

  it.each([
    ['tail', '{"stream":"orders"}'],
    ['tail', '{"stream":"orders","start":{"type":"AT_SEQUENCE_NUMBER","sequenceNumber":"x"}}'],
    ['tail', '{"stream":"orders","start":{"type":"AT_SEQUENCE_NUMBER","sequenceNumber":"1"}}'],
    ['tail', '{"stream":7,"start":{"type":"LATEST"}}'],
    ['tail', '{"stream":"orders","start":{"type":"LATEST"},"shards":[1]}'],
    ['tail', '[]'],
    ['tail', 'null'],
    ['tail', '{'],
    ['watch', '{}'],
    ['traffic', '"x"'],
  ])('with a wrong input is told so: %s %s', async (name, body) => {
    const { status, text } = await call(name, {}, page, body);

    expect([status, JSON.parse(text).error.code]).toEqual([400, 'BadRequest']);
  });

  it('is for the region that it names, and for none that is no region', async () => {
    expect(JSON.parse((await call('about', { 'x-rivulet-region': 'eu-west-1' })).text).region).toBe('eu-west-1');
    const own = JSON.parse((await call('about')).text).region;
    expect(JSON.parse((await call('about', { 'x-rivulet-region': 'eu-west-1' })).text).regions).toContain(own);
    for (const region of ['', 'x', 'eu-west-1.attacker.example', '../us-east-1', 'eu-west-1'.repeat(20)]) {
      expect((await call('about', { 'x-rivulet-region': region })).status).toBe(400);
    }
  });

  it('for a live tail tells what it costs where reading is not free', async () => {
    const endpoint = { ...(await openEndpoint({ endpoint: server.endpoint })), kind: 'deployed' } as const;
    const calls = createCalls({ endpoint, profile: undefined, readOnly: true, version: '0', cloudWatch: undefined });
    const lines: object[] = [];
    const gone = new AbortController();
    const write = async (line: () => object) => {
      lines.push(line());
      gone.abort();
    };
    const read = calls.tail({ stream: 'orders', start: { type: 'LATEST' }, follow: true });
    await read({ gone: gone.signal, write, end: () => {} } as unknown as Parameters<typeof read>[0]);

    expect(lines[0]).toMatchObject({ type: 'begun', shards: 1, cost: expect.stringMatching(/about \$[\d.]+ an hour/) });
    expect(await calls.traffic({ stream: 'orders' })).toMatchObject({
      source: 'none',
      note: expect.stringContaining('CloudWatch'),
    });
  });

  it('that goes on is ended when the page leaves, and there are not too many at once', async () => {
    const { port, host } = new URL(page.address);
    const headers = await own();
    const begin = () =>
      new Promise<{ status: number; leave: () => void }>((resolve, reject) => {
        const sent = request({
          host: '127.0.0.1',
          port,
          path: '/api/tail',
          method: 'POST',
          headers: { ...headers, host },
        });
        sent.on('error', () => {});
        sent.on('response', (response) => {
          response.on('error', () => {});
          response.once('data', () => resolve({ status: response.statusCode ?? 0, leave: () => sent.destroy() }));
        });
        sent.on('close', () => reject(new Error('closed')));
        sent.end('{"stream":"orders","start":{"type":"LATEST"},"follow":true}');
      });

    const open = await Promise.all(Array.from({ length: 4 }, begin));
    expect(open.map(({ status }) => status)).toEqual(open.map(() => 200));
    expect((await begin()).status).toBe(429);
    for (const one of open) {
      one.leave();
    }

    // Each is counted until its last read is over.
    const statusOfNext = async () => {
      const next = await begin();
      next.leave();
      return next.status;
    };
    await expect.poll(statusOfNext, { timeout: 60_000 }).toBe(200);
  });

  /** A console whose calls wait for the test, and whose tails go on until their page has left. */
  async function heldConsole() {
    let goOn: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const came: string[] = [];
    const tail = () => (lines: LineStream) =>
      new Promise<void>((resolve) => {
        came.push(lines.gone.aborted ? 'gone' : 'here');
        lines.write(() => ({ type: 'begun' }));
        lines.gone.addEventListener('abort', () => resolve());
      });
    let asked = 0;
    const at = await serveConsole({
      port: 0,
      onError: (error) => faults.push(error),
      openCalls: async () => {
        asked += 1;
        await held;
        return { tail } as unknown as Calls;
      },
    });
    return { at, goOn, came, asked: () => asked };
  }

  async function beginAt(at: ConsoleServer) {
    const { port } = new URL(at.address);
    const sent = request({ host: '127.0.0.1', port, path: '/api/tail', method: 'POST', headers: await own(at) });
    sent.on('error', () => {});
    const status = new Promise<number>((resolve) => {
      sent.on('response', (response) => {
        response.on('error', () => {});
        response.once('data', () => resolve(response.statusCode ?? 0));
      });
      sent.on('close', () => resolve(0));
    });
    sent.end('{}');
    return { sent, status };
  }

  it('whose page leaves before it begins takes no place', async () => {
    const { at, goOn, came, asked } = await heldConsole();
    for (let leaving = 1; leaving <= 6; leaving++) {
      const { sent, status } = await beginAt(at);
      await until(() => asked() === leaving);
      sent.destroy();
      await status;
    }
    const staying = await Promise.all(Array.from({ length: 4 }, () => beginAt(at)));
    await until(() => asked() === 10);
    goOn();

    expect(await Promise.all(staying.map(({ status }) => status))).toEqual([200, 200, 200, 200]);
    expect(came).toEqual(['here', 'here', 'here', 'here']);
    await at.close();
  });

  it('takes the place of one that ends at the same moment', async () => {
    const { at, goOn } = await heldConsole();
    goOn();
    const open = [];
    for (let tails = 0; tails < 4; tails++) {
      const one = await beginAt(at);
      await one.status;
      open.push(one);
    }

    for (let turn = 0; turn < 10; turn++) {
      const next = await beginAt(at);
      open.shift()?.sent.destroy();
      expect(await next.status).toBe(200);
      open.push(next);
    }
    await at.close();
  });

  it('whose answer has no end is told so, and is not kept', async () => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const endless = createServer((_request, response) => {
      const body = new Readable({
        read() {
          this.push(chunk);
        },
      });
      pipeline(body, response, () => {});
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(endless.address() as AddressInfo).port}`;
    const call = signedCalls(await openLocalEndpoint(url));

    await expect(call('ListStreams', Buffer.from('{}'), new AbortController().signal)).rejects.toThrow('64 MiB');
    endless.closeAllConnections();
    endless.close();
  });

  it('that is too large is told so', async () => {
    const { status } = await call('call/PutRecords', {}, page, `{"a":"${'x'.repeat(17 * 1024 * 1024)}"}`);

    expect(status).toBe(413);
  });

  it('passes the errors of the endpoint on as they are', async () => {
    const { status, text } = await call('call/DescribeStreamSummary', {}, page, '{"StreamName":"nowhere"}');

    expect([status, JSON.parse(text).__type]).toEqual([400, 'ResourceNotFoundException']);
  });

  it('tells that the endpoint cannot be reached', async () => {
    const gone = await offerConsole({
      port: 0,
      anyPort: false,
      endpoint: 'http://127.0.0.1:1',
      onError: (e) => faults.push(e),
    });
    const { status, text } = await call('call/ListStreams', {}, gone);
    await gone.close();

    expect([status, JSON.parse(text).error.code]).toEqual([502, 'EndpointUnreachable']);
  });
});

describe('the page of the console', () => {
  it('comes for every address that is no file, with a strict policy, and the secret in a cookie alone', async () => {
    const { host } = new URL(page.address);
    for (const path of ['/', '/index.html', '/streams/orders', '/streams/a.b/records?start=LATEST', '/streams/x.js']) {
      const { status, headers, text } = await send(path, { headers: { host } });
      const [cookie = ''] = headers['set-cookie'] ?? [];

      expect(status).toBe(200);
      expect(cookie).toMatch(/^rivulet-console-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/api\/$/);
      expect(text).not.toContain(cookie.split(/[=;]/)[1]);
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'.*frame-ancestors 'none'.*require-trusted-types-for 'script'/,
      );
      expect(headers['content-security-policy']).not.toMatch(/unsafe|data:|blob:|\*|https?:/);
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    }
  });

  it.each(['/nothing.js', '/..%2f..%2fpackage.json', '/package.json', '/console/server/calls.ts'])(
    'has no other file: %s',
    async (path) => {
      const { status } = await send(path, { headers: { host: new URL(page.address).host } });

      expect(status).toBe(404);
    },
  );

  it('is refused by a name that was made to lead here', async () => {
    const { status, headers } = await send('/', { headers: { host: 'attacker.example' } });

    expect([status, headers['set-cookie']]).toEqual([403, undefined]);
  });

  it('listens on this machine alone', () => {
    expect(new URL(page.address).hostname).toBe('127.0.0.1');
  });
});
