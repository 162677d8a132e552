import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCommand, runCommand, startCommand } from '../support/command-line.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { until } from '../support/until.ts';

let folder: string;
const servers: ServerProcess[] = [];
const commands: RunningCommand[] = [];
const holders: Server[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rivulet-console-'));
});

afterEach(async () => {
  for (const { process: child, ended } of [...servers.splice(0), ...commands.splice(0)]) {
    child.kill('SIGTERM');
    await ended;
  }
  await Promise.all(holders.splice(0).map((holder) => new Promise((resolve) => holder.close(resolve))));
});

afterAll(() => rm(folder, { recursive: true }));

async function start(environment: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess(environment);
  servers.push(server);
  return server;
}

/** Takes a port of this machine away. */
async function taken(): Promise<number> {
  const holder = createServer();
  holders.push(holder);
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  return (holder.address() as { port: number }).port;
}

const consoleOf = ({ printed }: { readonly printed: readonly string[] }): string | undefined =>
  printed.map((line) => /^Its console is at (\S+)/.exec(line)?.[1]).find(Boolean);

/** Calls an operation as the page does. */
async function callAt(
  address: string,
  operation: string,
  input: object = {},
  more: Record<string, string> = {},
): Promise<Response> {
  const page = await fetch(address);
  const [cookie = ''] = (page.headers.get('set-cookie') ?? '').split(';');
  const path = operation === 'about' ? 'about' : `call/${operation}`;
  return fetch(new URL(`/api/${path}`, address), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: new URL(address).origin, Cookie: cookie, ...more },
    body: JSON.stringify(input),
  });
}

describe('the server', () => {
  it('offers a console of its own streams', async () => {
    const server = await start({ STREAMS: 'orders:2' });
    const address = consoleOf(server) ?? '';

    expect(await (await fetch(address)).text()).toContain('Rivulet console');
    expect(await (await callAt(address, 'ListStreams')).json()).toMatchObject({ StreamNames: ['orders'] });
    expect(await (await fetch(`${server.endpoint}/`)).text()).not.toContain('Rivulet console');
  });

  it('shows and counts the one region of a server that has but one', async () => {
    const server = await start({ STREAMS: 'orders:1', REGION: 'eu-west-1', AWS_REGION: 'us-east-2' });
    const address = consoleOf(server) ?? '';
    const StreamName = 'orders';

    await callAt(address, 'PutRecords', { StreamName, Records: [{ PartitionKey: 'a', Data: 'aGVsbG8=' }] });
    const { StreamDescriptionSummary } = (await (
      await callAt(address, 'DescribeStreamSummary', { StreamName })
    ).json()) as {
      StreamDescriptionSummary: { StreamARN: string };
    };
    expect(StreamDescriptionSummary.StreamARN).toContain(':eu-west-1:');
    for (const region of ['eu-west-1', 'us-east-1']) {
      const traffic = await fetch(`${server.endpoint}/traffic?region=${region}&stream=orders`);
      const { seconds } = (await traffic.json()) as { seconds: { recordsIn: number }[] };
      expect(seconds.reduce((sum, { recordsIn }) => sum + recordsIn, 0)).toBe(1);
    }
  });

  it('offers none where it is not wanted, and counts for another one', async () => {
    const server = await start({ CONSOLE_PORT: 'off' });

    expect(consoleOf(server)).toBeUndefined();
    expect((await fetch(`${server.endpoint}/traffic?region=us-east-1`)).status).toBe(200);
  });

  it('offers none where keys say who may do what: it would sign for everybody', async () => {
    const file = path.join(folder, 'keys.json');
    const { code } = await runCommand(['keys', 'add', '--name', 'me', '--full-access', '--file', file, '--print']);
    const server = await start({ CREDENTIALS_FILE: file, CONSOLE_PORT: '0' });

    expect(code).toBe(0);
    expect(consoleOf(server)).toBeUndefined();
    expect((await fetch(`${server.endpoint}/traffic?region=us-east-1`)).status).not.toBe(200);
  });

  it('takes another port where the next one is taken, unless that one was asked for', async () => {
    let server: ServerProcess | undefined;
    let port = 0;
    while (server === undefined) {
      port = await taken();
      // The port before may be somebody else's.
      server = await start({ PORT: `${port - 1}` }).catch(() => undefined);
    }
    const address = consoleOf(server) ?? '';

    expect(Number(new URL(address).port)).not.toBe(port);
    expect((await callAt(address, 'ListStreams')).status).toBe(200);
    const failing = startServerProcess({ CONSOLE_PORT: `${port}` });

    await expect(failing).rejects.toThrow(`port ${port} of the console is in use`);
  });

  it('keeps pages of others away from its counters', async () => {
    const server = await start();
    const traffic = (headers: Record<string, string>) =>
      fetch(`${server.endpoint}/traffic?region=us-east-1`, { headers }).then(({ status }) => status);

    expect(await traffic({})).toBe(200);
    expect(await traffic({ Origin: 'https://example.com' })).toBe(403);
  });
});

describe('rivulet console', () => {
  async function startConsole(...parameters: string[]): Promise<{ address: string; command: RunningCommand }> {
    const command = startCommand(['console', '--port', '0', ...parameters]);
    commands.push(command);
    await until(async () => / is at \S+/.test(command.output()));
    return { address: / is at (\S+)/.exec(command.output())?.[1] ?? '', command };
  }

  it('shows any endpoint, until it is ended', async () => {
    const server = await start({ STREAMS: 'orders:2', CONSOLE_PORT: 'off' });
    const { address, command } = await startConsole('--endpoint', server.endpoint);

    expect(await (await callAt(address, 'ListStreams')).json()).toMatchObject({ StreamNames: ['orders'] });
    expect((await callAt(address, 'CreateStream', { StreamName: 'more', ShardCount: 1 })).status).toBe(200);
    command.process.kill('SIGINT');
    expect(await command.ended).toMatchObject({ code: 0, errors: '' });
  });

  it('signs with the keys of the profile, which decide what may be done', async () => {
    const file = path.join(folder, 'looking.json');
    const policy = path.join(folder, 'policy.json');
    await writeFile(
      policy,
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['kinesis:List*', 'kinesis:Describe*'], Resource: '*' }],
      }),
    );
    const { output } = await runCommand([
      'keys',
      'add',
      '--name',
      'looker',
      '--policy',
      policy,
      '--file',
      file,
      '--print',
    ]);
    const keys = Object.fromEntries([...output.matchAll(/(AWS_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
    const server = await start({ CREDENTIALS_FILE: file, STREAMS: 'orders:1' });
    const command = startCommand(['console', '--port', '0', '--endpoint', server.endpoint], keys);
    commands.push(command);
    await until(async () => / is at \S+/.test(command.output()));
    const address = / is at (\S+)/.exec(command.output())?.[1] ?? '';

    expect((await callAt(address, 'ListStreams')).status).toBe(200);
    const refused = await callAt(address, 'DeleteStream', { StreamName: 'orders' });
    expect([refused.status, await refused.json()]).toMatchObject([400, { __type: 'AccessDeniedException' }]);
  });

  it('stays in the region of an endpoint far away, whatever region a browser has left over', async () => {
    const { address } = await startConsole('--endpoint', 'https://api.example', '--region', 'us-west-2');
    const about = await callAt(address, 'about', {}, { 'X-Rivulet-Region': 'eu-west-1' });

    expect(await about.json()).toMatchObject({ kind: 'deployed', region: 'us-west-2', regions: ['us-west-2'] });
  });

  it('changes nothing when it is for looking only', async () => {
    const server = await start({ STREAMS: 'orders:1' });
    const { address } = await startConsole('--endpoint', server.endpoint, '--read-only');

    expect((await callAt(address, 'ListStreams')).status).toBe(200);
    expect((await callAt(address, 'DeleteStream', { StreamName: 'orders' })).status).toBe(403);
  });

  it('says which port is taken', async () => {
    const port = await taken();

    expect(await runCommand(['console', '--port', `${port}`])).toMatchObject({
      code: 2,
      errors: expect.stringContaining(`port ${port} is taken`),
    });
  });
});
