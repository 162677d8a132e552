import { spawn } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A DynamoDB-compatible engine that runs for this process. */
export interface Engine {
  readonly name: 'dynoxide' | 'dynalite';
  readonly endpoint: string;
  /** Where the data is stored, as a text for people. */
  readonly data: string;
  /** Resolves when the engine has ended, by itself or by `close`. The text says how it ended. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/** The engines that can run on this machine, the preferred one first. */
export function availableEngines(): Engine['name'][] {
  return dynoxideBinary() === undefined ? ['dynalite'] : ['dynoxide', 'dynalite'];
}

/** Starts an engine. @param dataDir undefined: the engine keeps its data in memory, and loses it when it ends */
export async function startEngine(name: Engine['name'], dataDir: string | undefined): Promise<Engine> {
  if (dataDir !== undefined) {
    // Only the owner may use the folder: it holds records, and the key that encrypts iterators.
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await chmod(dataDir, 0o700);
  }
  return name === 'dynoxide' ? startDynoxide(dataDir) : startDynalite(dataDir);
}

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 15_000;
const POLL_MS = 10;

/** dynoxide is an optional dependency, because it does not have a binary for every platform. */
function dynoxideBinary(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(
      `@dynoxide/${process.platform}-${process.arch}/package.json`,
    );
    return path.join(path.dirname(manifest), 'dynoxide');
  } catch {
    return undefined;
  }
}

/**
 * The shell that runs the engine ends it when its input closes. That happens when this process ends, in whatever way.
 * So a killed server leaves no engine behind that holds the data. The shell itself ends with the engine. Only the
 * owner can read what the engine writes.
 */
const SUPERVISED =
  'umask 077; exec 3<&0; "$@" 3<&- & engine=$!; (cat <&3 > /dev/null; kill $engine) > /dev/null 2>&1 & wait $engine';

/** How much of the engine's last output is kept, characters. It is reported when the engine does not start. */
const KEPT_OUTPUT = 2_000;

/**
 * The command line of dynoxide.
 * @param file where it keeps its data; undefined: in memory
 * @throws Error when there is no binary for this platform
 */
export function dynoxideCommand(port: number, file: string | undefined): readonly [string, ...string[]] {
  const binary = dynoxideBinary();
  if (binary === undefined) {
    throw new Error('dynoxide has no binary for this platform');
  }
  return [binary, 'serve', '--host', HOST, '--port', String(port), ...(file ? ['--db-path', file] : [])];
}

/** How many ports are tried. Another process may take a free port before the engine opens it. */
const MAX_PORTS = 5;
const PORT_TAKEN = /already in use/i;

async function startDynoxide(dataDir: string | undefined): Promise<Engine> {
  for (let ports = 1; ; ports++) {
    try {
      return await startDynoxideAt(await freePort(), dataDir);
    } catch (error) {
      if (ports === MAX_PORTS || !PORT_TAKEN.test((error as Error).message)) {
        throw error;
      }
    }
  }
}

async function startDynoxideAt(port: number, dataDir: string | undefined): Promise<Engine> {
  const file = dataDir && path.join(dataDir, 'dynoxide.db');
  const command = dynoxideCommand(port, file);
  const child = spawn('sh', ['-c', SUPERVISED, 'sh', ...command], {
    stdio: ['pipe', 'ignore', 'pipe'],
    // Ctrl-C in a terminal must reach this process only: the engine has to outlive the requests in flight.
    detached: true,
  });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-KEPT_OUTPUT);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      child.stdin.destroy();
      resolve(`${signal === null ? `exit code ${code}` : signal}${output.trim() && `: ${output.trim()}`}`);
    });
  });
  child.stdin.on('error', () => {});
  await answering(port, ended, () => output);
  return {
    name: 'dynoxide',
    endpoint: `http://${HOST}:${port}`,
    data: file ?? 'memory',
    ended,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

async function startDynalite(dataDir: string | undefined): Promise<Engine> {
  const { default: dynalite } = await import('dynalite');
  const folder = dataDir && path.join(dataDir, 'dynalite');
  if (folder !== undefined) {
    await mkdir(folder, { recursive: true });
  }
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...(folder && { path: folder }) });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, () => resolve());
  });
  const { port } = server.address() as net.AddressInfo;
  const ended = new Promise<string>((resolve) => {
    server.once('close', () => resolve('its port was closed'));
  });
  return {
    name: 'dynalite',
    endpoint: `http://${HOST}:${port}`,
    data: folder ?? 'memory',
    ended,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await ended;
    },
  };
}

/** A port that was free a moment ago. The engine cannot choose a port itself and report it. */
export async function freePort(): Promise<number> {
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, HOST, () => resolve()));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

/**
 * Waits until a process accepts connections at a port.
 * @throws Error when the engine ends first (with its output), or takes too long
 */
export async function answering(port: number, ended: Promise<unknown>, output: () => string): Promise<void> {
  let hasEnded = false;
  ended.then(() => {
    hasEnded = true;
  });
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    if (hasEnded) {
      throw new Error(`the DynamoDB engine did not start: ${output().trim() || 'it ended without a word'}`);
    }
    if (await accepts(port)) {
      return;
    }
  }
  throw new Error(`the DynamoDB engine did not answer within ${START_TIMEOUT_MS} ms`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, HOST);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
