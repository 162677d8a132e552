import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A DynamoDB-compatible engine that runs for this process. */
export interface Engine {
  readonly name: 'dynoxide' | 'dynalite';
  readonly endpoint: string;
  /** Where the data is kept, for people to read. */
  readonly data: string;
  close(): Promise<void>;
}

/** The engines that can run on this machine, the preferred one first. */
export function availableEngines(): Engine['name'][] {
  return dynoxideBinary() === undefined ? ['dynalite'] : ['dynoxide', 'dynalite'];
}

/**
 * Starts an engine.
 * @param dataDir undefined: data is kept in memory and gone with the process
 */
export function startEngine(name: Engine['name'], dataDir: string | undefined): Promise<Engine> {
  return name === 'dynoxide' ? startDynoxide(dataDir) : startDynalite(dataDir);
}

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 15_000;
const POLL_MS = 10;

/** dynoxide comes as an optional dependency: there is not a binary for every platform. */
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
 * The shell that runs the engine ends it when its input closes, which is when this process ends, however it ends: a
 * killed server leaves no engine behind that holds the data.
 */
const SUPERVISED = '"$@" & engine=$!; cat > /dev/null; kill $engine; wait $engine';

async function startDynoxide(dataDir: string | undefined): Promise<Engine> {
  const binary = dynoxideBinary();
  if (binary === undefined) {
    throw new Error('dynoxide has no binary for this platform');
  }
  const port = await freePort();
  const file = dataDir && path.join(dataDir, 'dynoxide.db');
  if (dataDir !== undefined) {
    await mkdir(dataDir, { recursive: true });
  }
  const serve = ['serve', '--host', HOST, '--port', String(port), ...(file ? ['--db-path', file] : [])];
  const child = spawn('sh', ['-c', SUPERVISED, 'sh', binary, ...serve], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // A terminal's Ctrl-C is for this process alone: the engine has to outlive the requests in flight.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await answering(port, ended);
  return {
    name: 'dynoxide',
    endpoint: `http://${HOST}:${port}`,
    data: file ?? 'memory',
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
  return {
    name: 'dynalite',
    endpoint: `http://${HOST}:${port}`,
    data: folder ?? 'memory',
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A port that was free a moment ago: the engine cannot choose one and tell. */
async function freePort(): Promise<number> {
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, HOST, () => resolve()));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

async function answering(port: number, ended: Promise<void>): Promise<void> {
  let hasEnded = false;
  ended.then(() => {
    hasEnded = true;
  });
  for (const deadline = Date.now() + START_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    if (hasEnded) {
      throw new Error('the DynamoDB engine ended before it answered');
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
