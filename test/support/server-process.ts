import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** The server of `npm start`, in a process of its own. */
export interface ServerProcess {
  readonly endpoint: string;
  readonly process: ChildProcess;
  /** The lines of its standard output so far. It has printed all lines of the start when it is ready. */
  readonly printed: string[];
  /** Its standard error so far: faults, and how it ended. */
  readonly errors: () => string;
  /** Resolves with the exit code when the process has ended. */
  readonly ended: Promise<number | null>;
}

const MAIN = path.join(import.meta.dirname, '..', '..', 'cli', 'main.js');

/**
 * Starts the server on a free port and waits until it is ready.
 * @throws Error with its standard error when it ends first
 */
export async function startServerProcess(environment: Record<string, string>): Promise<ServerProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const printed: string[] = [];
  let failure = '';
  child.stderr.on('data', (chunk) => {
    failure += chunk;
  });
  const endpoint = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      printed.push(line);
      // The last line of the start.
      const found = /--endpoint-url (\S+)/.exec(line)?.[1];
      if (found !== undefined) {
        resolve(found);
      }
    });
    ended.then(() => reject(new Error(`the server ended: ${failure}`)));
  });
  return { endpoint, process: child, printed, errors: () => failure, ended };
}
