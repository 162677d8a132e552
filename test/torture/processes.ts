import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import path from 'node:path';
import { answering, availableEngines, dynoxideCommand, freePort } from '../../local/dynamodb.ts';

/** Something that can be killed at any moment, and started again with what it has on disk. */
export interface Killable {
  /** Ends it as `kill -9` does, and at once. */
  kill(): void;
  /** Starts it again, where it was. */
  restart(): Promise<void>;
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
    const child = spawn(command, parameters, { stdio: 'ignore' });
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

/** One API process, as one of many Lambda instances: on one proxy, with a clock of its own. */
export class ApiProcess implements Killable {
  readonly endpoint: string;
  readonly #port: number;
  readonly #environment: Record<string, string>;
  readonly #aheadMs: number;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;

  private constructor(port: number, environment: Record<string, string>, aheadMs: number, logFile: string) {
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#environment = environment;
    this.#aheadMs = aheadMs;
    this.#log = createWriteStream(logFile, { flags: 'a' });
  }

  /** @param logFile gets what the process prints: under faults, much goes wrong that is logged */
  static async start(environment: Record<string, string>, aheadMs: number, logFile: string): Promise<ApiProcess> {
    const api = new ApiProcess(await freePort(), environment, aheadMs, logFile);
    await api.restart();
    return api;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  async restart(): Promise<void> {
    const child = fork(path.join(import.meta.dirname, 'api-process.ts'), [String(this.#port), String(this.#aheadMs)], {
      env: { PATH: process.env.PATH ?? '', ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stdout?.pipe(this.#log, { end: false });
    child.stderr?.pipe(this.#log, { end: false });
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (child.exitCode !== null) {
      // Under faults the tables may be out of reach at start: whoever supervises a process starts it again.
      await this.restart();
    }
  }
}
