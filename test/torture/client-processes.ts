import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { ClientSignal, ClientTask, ClientWord } from './client.ts';

/** The client processes of a round. */
export class ClientProcesses {
  readonly #children: readonly ChildProcess[];
  readonly #stuck = Promise.withResolvers<string>();

  constructor(tasks: readonly ClientTask[]) {
    this.#children = tasks.map((task) => fork(path.join(import.meta.dirname, 'client.ts'), [JSON.stringify(task)]));
    for (const child of this.#children) {
      child.on('message', (word: ClientWord) => {
        if (typeof word === 'object') {
          this.#stuck.resolve(word.stuck);
        }
      });
    }
  }

  /** Resolves with a sentence when a reader is stuck. It never resolves if no reader is. */
  get stuck(): Promise<string> {
    return this.#stuck.promise;
  }

  signal(word: ClientSignal): void {
    for (const child of this.#children) {
      child.send(word);
    }
  }

  /** Waits until each process has sent a word. @throws Error when one ends before that */
  async said(word: 'stopped' | 'finished'): Promise<void> {
    await Promise.all(this.#children.map((child) => said(child, word)));
  }

  kill(): void {
    for (const child of this.#children) {
      child.kill('SIGKILL');
    }
  }
}

async function said(client: ChildProcess, word: string): Promise<void> {
  const ended = once(client, 'exit').then(() => {
    throw new Error(`a client of the torture test ended before it had ${word}`);
  });
  ended.catch(() => {});
  for (let message: unknown; message !== word; ) {
    [message] = await Promise.race([once(client, 'message'), ended]);
  }
}
