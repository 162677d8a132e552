import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MAIN = path.join(import.meta.dirname, '..', '..', 'cli', 'main.js');

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A command that runs. */
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has printed so far. */
  output(): string;
  errors(): string;
}

/** A home without any file of the AWS CLI. */
const EMPTY_HOME = mkdtempSync(path.join(tmpdir(), 'rivulet-home-'));

/**
 * Starts `rivulet` in a process of its own, with nothing of the caller's environment but the path.
 * @param input standard input: all of it, or what it begins with
 */
export function startCommand(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  input?: string | { readonly begins: string },
): RunningCommand {
  const child = spawn(process.execPath, [MAIN, ...parameters], {
    env: { PATH: process.env.PATH, HOME: EMPTY_HOME, USERPROFILE: EMPTY_HOME, ...environment },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  // A command need not read all of it.
  child.stdin?.on('error', () => {});
  if (typeof input === 'string') {
    child.stdin?.end(input);
  } else if (input !== undefined) {
    child.stdin?.write(input.begins);
  }
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, output, errors })));
  return { process: child, ended, output: () => output, errors: () => errors };
}

/** Runs `rivulet` to its end. */
export const runCommand = (...of: Parameters<typeof startCommand>): Promise<Ended> => startCommand(...of).ended;
