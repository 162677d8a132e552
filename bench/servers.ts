import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/support/dynamodb-engines.ts';
import { RawClient } from './raw-client.ts';

/** A server under measurement, in a process of its own. */
export interface Server {
  readonly name: string;
  readonly endpoint: string;
  /** From the start of the process to its first answer, ms. */
  readonly startMs: number;
  /** Resident memory of the process and those that it started, MiB; NaN where it cannot be told. */
  memoryMiB(): number;
  stop(): Promise<void>;
}

const ROOT = path.join(import.meta.dirname, '..');
const START_TIMEOUT_MS = 20_000;

/** @param environment for example `DATA_DIR` */
export function startRivulet(environment: Record<string, string> = {}, name = 'Rivulet'): Promise<Server> {
  return start(name, (port) => ({
    parameters: [path.join(ROOT, 'local', 'main.js')],
    environment: { ...environment, PORT: String(port), HOST: '127.0.0.1' },
  }));
}

export function startKinesalite(): Promise<Server> {
  const cli = createRequire(import.meta.url).resolve('kinesalite/cli.js');
  return start('kinesalite', (port) => ({
    parameters: [
      cli,
      '--port',
      String(port),
      '--shardLimit',
      '1000',
      '--createStreamMs',
      '50',
      '--deleteStreamMs',
      '50',
    ],
    environment: {},
  }));
}

async function start(
  name: string,
  command: (port: number) => { readonly parameters: string[]; readonly environment: Record<string, string> },
): Promise<Server> {
  const port = await freePort();
  const { parameters, environment } = command(port);
  const begun = performance.now();
  const child = spawn(process.execPath, parameters, {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: 'ignore',
  });
  const endpoint = `http://127.0.0.1:${port}`;
  await answered(endpoint, name);
  return {
    name,
    endpoint,
    startMs: performance.now() - begun,
    memoryMiB: () => memoryOf(child.pid ?? 0),
    stop: () => stopped(child),
  };
}

async function answered(endpoint: string, name: string): Promise<void> {
  const client = new RawClient(endpoint, 1);
  for (const endMs = Date.now() + START_TIMEOUT_MS; Date.now() < endMs; await sleep(5)) {
    try {
      await client.call('ListStreams', '{}');
      client.close();
      return;
    } catch {
      // Not there yet.
    }
  }
  throw new Error(`${name} did not answer`);
}

async function stopped(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** Adds up the resident memory of a process and its descendants, from /proc. */
function memoryOf(pid: number): number {
  try {
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    return kilobytes / 1024 + children.reduce((sum, child) => sum + memoryOf(child), 0);
  } catch {
    return Number.NaN;
  }
}
