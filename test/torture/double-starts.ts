import { setTimeout as sleep } from 'node:timers/promises';
import { listStreams } from '../../lib/store/stream-item.ts';
import type { Tables } from '../../lib/store/tables.ts';
import type { LifecycleTask } from '../../lib/workflows/task.ts';
import { between, pick, type Random } from '../support/random.ts';
import type { ApiProcess } from './processes.ts';

const POLL_MS = 60;

/** The share of runs that several interpreters execute at once. */
const DOUBLED_PART = 0.7;

/** The share of runs that are delivered once more, when most of them should have ended long ago. */
const BELATED_PART = 0.2;
const BELATED_MS = [500, 20_000] as const;

/** Starts executions of lifecycle runs that already have one. Whatever starts them only guarantees "at least once". */
export class DoubleStarts {
  /** The number of executions besides the first of their runs, by the kind of the run. */
  readonly started = new Map<string, number>();
  readonly #processes: readonly ApiProcess[];
  readonly #tables: Tables;
  readonly #next: Random;
  readonly #known = new Set<string>();
  #names = 0;

  /** @param tables without faults */
  constructor(processes: readonly ApiProcess[], tables: Tables, next: Random) {
    this.#processes = processes;
    this.#tables = tables;
    this.#next = next;
  }

  async run(stopped: () => boolean): Promise<void> {
    const next = this.#next;
    while (!stopped()) {
      for (const { kind, task } of await this.#newRuns()) {
        if (next() < DOUBLED_PART) {
          this.#start(kind, task);
          this.#start(kind, task);
        }
        if (next() < BELATED_PART) {
          setTimeout(() => this.#start(`${kind}, late`, task), between(next, ...BELATED_MS)).unref();
        }
      }
      await sleep(POLL_MS);
    }
  }

  async #newRuns(): Promise<{ readonly kind: string; readonly task: LifecycleTask }[]> {
    // The engine may just have been killed.
    const page = await listStreams(this.#tables, { after: undefined, limit: 100 }).catch(() => undefined);
    const runs = (page?.streams ?? []).flatMap((stream) => {
      const { transition, expiryRewrite } = stream;
      const kinds = [
        [transition?.kind ?? '', transition],
        ['EXPIRY', expiryRewrite],
      ] as const;
      return kinds.flatMap(([kind, run]) => (run === undefined ? [] : [{ kind, stream, run }]));
    });
    const fresh = runs.filter(({ run }) => !this.#known.has(run.id));
    for (const { run } of fresh) {
      this.#known.add(run.id);
    }
    return fresh.map(({ kind, stream, run }) => ({
      kind,
      task: {
        streamName: stream.name,
        streamId: stream.id,
        runId: run.id,
        notBefore: new Date(run.notBeforeMs).toISOString(),
      },
    }));
  }

  /** Starts an execution in any process's interpreter, under a name that no other execution has. */
  #start(kind: string, task: LifecycleTask): void {
    this.#names += 1;
    if (pick(this.#next, this.#processes).startExecution(`${task.runId}-again-${this.#names}`, task)) {
      this.started.set(kind, (this.started.get(kind) ?? 0) + 1);
    }
  }
}
