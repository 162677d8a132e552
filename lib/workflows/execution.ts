import type { Workflows } from '../deps.ts';
import type { WorkflowRun } from '../model/stream.ts';
import type { LifecycleTask } from './task.ts';

/** A run that is started again gets an execution of its own, one a minute: a name can be used only once. */
const RESTART_MS = 60_000;

/** What an execution of the state machine is started with. */
export interface Execution {
  readonly name: string;
  readonly task: LifecycleTask;
}

/** The execution that carries a run out, or goes on with it. */
export function executionOf(stream: Parameters<Workflows['start']>[0], run: WorkflowRun, nowMs: number): Execution {
  const restarts = Math.floor(Math.max(0, nowMs - run.notBeforeMs) / RESTART_MS);
  return {
    name: `${run.id}-${restarts}`,
    task: {
      streamName: stream.name,
      streamId: stream.id,
      runId: run.id,
      notBefore: new Date(run.notBeforeMs).toISOString(),
    },
  };
}
