import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/support/dynamodb-engines.ts';
import { RawClient } from './raw-client.ts';

/** A server that is measured. It runs in its own process. */
export interface Server {
  readonly name: string;
  readonly endpoint: string;
  /** Whether it stores records. Otherwise every response is the same. */
  readonly keepsRecords: boolean;
  /** Resident memory of the process and its descendants, MiB; NaN if unknown. */
  memoryMiB(): number;
  stop(): Promise<void>;
}

/** A command that starts a server. `start` adds the port to its environment. */
export interface Command {
  readonly name: string;
  readonly program: string;
  readonly parameters: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const ROOT = path.join(import.meta.dirname, '..');
const START_TIMEOUT_MS = 20_000;
const NODE = process.execPath;

/** @param environment for example `DATA_DIR` */
export const rivulet = (environment: Record<string, string> = {}, name = 'Rivulet'): Command => ({
  name,
  program: NODE,
  parameters: [path.join(ROOT, 'cli', 'main.js')],
  environment,
});

/** @param file the bundled local server */
export const bundledRivulet = (file: string): Command => ({
  name: 'Rivulet, bundled',
  program: NODE,
  parameters: [file],
  environment: {},
});

export const npmStart: Command = {
  name: 'npm start',
  program: 'npm',
  parameters: ['--prefix', ROOT, 'start'],
  environment: {},
};

export const kinesalite = (port: number): Command => ({
  name: 'kinesalite',
  program: NODE,
  parameters: [
    createRequire(import.meta.url).resolve('kinesalite/cli.js'),
    ...['--port', String(port), '--shardLimit', '1000', '--createStreamMs', '50', '--deleteStreamMs', '50'],
  ],
  environment: {},
});

export const bareServer: Command = {
  name: 'bare Node',
  program: NODE,
  parameters: [path.join(ROOT, 'bench', 'bare-server.ts')],
  environment: {},
};

/** A server that is already running, and that the bench did not start. */
export const peer = (name: string, endpoint: string): Server => ({
  name,
  endpoint,
  keepsRecords: true,
  memoryMiB: () => Number.NaN,
  stop: async () => {},
});

/**
 * Starts a server and waits for its first response.
 * @returns the server, and the ms from the start of the process to that response
 */
export async function start(command: Command | ((port: number) => Command)): Promise<Server & { startMs: number }> {
  const port = await freePort();
  const { name, program, parameters, environment } = typeof command === 'function' ? command(port) : command;
  const begun = performance.now();
  const child = spawn(program, parameters, {
    env: { PATH: process.env.PATH ?? '', PORT: String(port), HOST: '127.0.0.1', ...environment },
    stdio: 'ignore',
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await answered(endpoint, name);
  return {
    name,
    endpoint,
    keepsRecords: name !== bareServer.name,
    startMs: performance.now() - begun,
    memoryMiB: () => memoryOf(child.pid ?? 0),
    stop: () => stopped(child),
  };
}

async function answered(endpoint: string, name: string): Promise<void> {
  const client = new RawClient(endpoint, 1);
  for (const endMs = Date.now() + START_TIMEOUT_MS; Date.now() < endMs; await sleep(2)) {
    try {
      await client.call('ListStreams', '{}');
      client.close();
      return;
    } catch {
      // The server is not ready yet.
    }
  }
  throw new Error(`${name} did not answer`);
}

/** Ends a process and its descendants, because npm does not forward signals. */
async function stopped(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (const pid of family(child.pid ?? 0).reverse()) {
    process.kill(pid, 'SIGTERM');
  }
  await ended;
}

/** Adds up the resident memory of a process and its descendants. */
function memoryOf(pid: number): number {
  const statuses = family(pid).map((member) => `/proc/${member}/status`);
  const kilobytes = statuses.map((file) =>
    existsSync(file) ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(file, 'utf8'))?.[1]) : Number.NaN,
  );
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}

/** A process and its descendants, from /proc. Without /proc it is only the process itself. */
function family(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
  return [pid, ...children.flatMap(family)];
}
