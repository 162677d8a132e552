import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { LocalServer } from '../local/server.ts';
import type { HandlerResult, HandlerTask } from './handler-instance.ts';
import { RawClient } from './raw-client.ts';

/** A process with the deployed handler, as an instance of a function is. */
export class HandlerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(environment: NodeJS.ProcessEnv): Promise<HandlerProcess> {
    const child = fork(path.join(import.meta.dirname, 'handler-instance.ts'), { env: environment });
    await once(child, 'message');
    return new HandlerProcess(child);
  }

  async run(task: HandlerTask): Promise<HandlerResult> {
    this.#child.send(task);
    const [result] = await once(this.#child, 'message');
    return result;
  }

  end(): void {
    this.#child.kill();
  }
}

/** Creates a stream of one shard through a local server, whose tables the handler uses. */
export async function createOneShard(rivulet: LocalServer, StreamName: string): Promise<void> {
  const client = new RawClient(rivulet.endpoint, 1);
  await client.json('CreateStream', { StreamName, ShardCount: 1 });
  const status = async () =>
    (await client.json('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary.StreamStatus;
  while ((await status()) !== 'ACTIVE') {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  client.close();
}

/** The value below which a share of sorted values lies. */
export const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
