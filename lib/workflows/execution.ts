import type { Workflows } from '../deps.ts';
import type { WorkflowRun } from '../model/stream.ts';
import type { LifecycleTask } from './task.ts';

/** A run that is started again gets a new execution, at most one a minute. A name can be used only once. */
const RESTART_MS = 60_000;

/** The name and input of an execution of the state machine. */
export interface Execution {
  readonly name: string;
  readonly task: LifecycleTask;
}

/** The execution that starts or continues a run. */
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
