import { type ChildProcess, type ForkOptions, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import path from 'node:path';
import type { LifecycleTask } from '../../lib/workflows/task.ts';
import { answering, availableEngines, dynoxideCommand, freePort } from '../support/dynamodb-engines.ts';
import type { ApiNote, ApiOrder, ApiTask } from './api-process.ts';

/** Something that can be killed at any moment, and started again with what it has on disk. */
export interface Killable {
  /** Where clients call it; undefined if they do not. */
  readonly endpoint?: string;
  /** Ends it at once, as `kill -9` does. */
  kill(): void;
  /** Starts it again, at the same address. */
  restart(): Promise<void>;
}

/** The processes that run now. */
const children = new Set<ChildProcess>();

// No process outlives the torture test, least of all a stopped one.
process.on('exit', () => {
  for (const child of children) {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
  }
});

function tracked(child: ChildProcess): ChildProcess {
  children.add(child);
  child.on('exit', () => children.delete(child));
  return child;
}

/** The DynamoDB-compatible engine, in a process of its own, with its data on disk. */
export class EngineProcess implements Killable {
  readonly url: URL;
  readonly #command: readonly [string, ...string[]];
  #child: ChildProcess | undefined;

  private constructor(port: number, command: readonly [string, ...string[]]) {
    this.url = new URL(`http://127.0.0.1:${port}`);
    this.#command = command;
  }

  static async start(folder: string): Promise<EngineProcess> {
    const port = await freePort();
    const engine = new EngineProcess(port, engineCommand(port, folder));
    await engine.restart();
    return engine;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async restart(): Promise<void> {
    const [command, ...parameters] = this.#command;
    const child = tracked(spawn(command, parameters, { stdio: 'ignore' }));
    this.#child = child;
    const ended = once(child, 'exit').then(() => {});
    await answering(Number(this.url.port), ended, () => command);
  }
}

function engineCommand(port: number, folder: string): readonly [string, ...string[]] {
  const [engine] = availableEngines();
  return engine === 'dynoxide'
    ? dynoxideCommand(port, path.join(folder, 'torture.db'))
    : [process.execPath, path.join(import.meta.dirname, 'dynalite-process.ts'), String(port), folder];
}

/** Listens to a process, in each of its lives. */
export interface ProcessListener {
  note?(note: ApiNote): void;
  exit?(): void;
}

/** One API process with its own faults and its own clock, like one of many Lambda instances. */
export class ApiProcess implements Killable {
  readonly endpoint: string;
  readonly #task: ApiTask;
  readonly #environment: Record<string, string>;
  readonly #log: WriteStream;
  readonly #listeners: ProcessListener[] = [];
  #child: ChildProcess | undefined;
  #lives = 0;

  private constructor(task: ApiTask, environment: Record<string, string>, logFile: string) {
    this.endpoint = `http://127.0.0.1:${task.port}`;
    this.#task = task;
    this.#environment = environment;
    this.#log = createWriteStream(logFile, { flags: 'a' });
  }

  /** @param logFile receives what the process prints. Under faults, it logs many errors */
  static async start(
    clock: Omit<ApiTask, 'port'>,
    environment: Record<string, string>,
    logFile: string,
  ): Promise<ApiProcess> {
    const api = new ApiProcess({ port: await freePort(), ...clock }, environment, logFile);
    await api.restart();
    return api;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Stops it for some time, unless it is resumed before. */
  pause(ms: number): void {
    const child = this.#child;
    if (child?.pid !== undefined && child.kill('SIGSTOP')) {
      resumeLater(child.pid, ms);
    }
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async restart(): Promise<void> {
    const options: ForkOptions = {
      // Items of the engine contain bytes.
      serialization: 'advanced',
      env: { PATH: process.env.PATH ?? '', ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    };
    this.#lives += 1;
    const { faultSeed } = this.#task;
    const task: ApiTask = { ...this.#task, ...(faultSeed !== undefined && { faultSeed: faultSeed + this.#lives }) };
    const child = tracked(fork(path.join(import.meta.dirname, 'api-process.ts'), [JSON.stringify(task)], options));
    this.#child = child;
    child.on('message', (note) => this.#each((listener) => listener.note?.(note as ApiNote)));
    child.once('exit', () => this.#each((listener) => listener.exit?.()));
    child.stdout?.pipe(this.#log, { end: false });
    child.stderr?.pipe(this.#log, { end: false });
    await Promise.race([isReady(child), once(child, 'exit')]);
    if (child.exitCode !== null) {
      // Under faults, the tables may be out of reach at start. A supervisor of the process would start it again.
      await this.restart();
    }
  }

  /** Orders its interpreter to start an execution under this name. @returns whether the order was sent */
  startExecution(name: string, task: LifecycleTask): boolean {
    return this.order({ order: 'execute', name, task });
  }

  /** @returns whether the order was sent */
  order(order: ApiOrder): boolean {
    return this.#child?.connected === true && this.#child.send(order);
  }

  listen(listener: ProcessListener): void {
    this.#listeners.push(listener);
  }

  #each(tell: (listener: ProcessListener) => void): void {
    for (const listener of this.#listeners) {
      tell(listener);
    }
  }
}

const isReady = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.on('message', (note) => (note as ApiNote).note === 'ready' && resolve());
  });

/**
 * Resumes a process from another process. So nothing stays stopped for ever when the torture test itself is killed.
 */
function resumeLater(pid: number, ms: number): void {
  const wait = ['-c', 'sleep "$1"; kill -CONT "$0"', String(pid), String(Math.ceil(ms / 1_000))];
  spawn('sh', wait, { detached: true, stdio: 'ignore' }).unref();
}
