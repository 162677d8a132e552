import type { Configuration } from '../lib/configuration.ts';
import { createDeps, type Platform } from '../lib/create-deps.ts';
import { advance } from '../lib/workflows/advance.ts';
import type { LifecycleProgress, LifecycleTask } from '../lib/workflows/task.ts';
import { faultLog } from './fault-log.ts';

/** Turns a task of the lifecycle state machine into the next one. */
export type WorkflowStepHandler = (task: LifecycleTask) => Promise<LifecycleProgress>;

/** Builds the handler that runs the steps of the lifecycle state machine. */
export function createWorkflowStep(
  configuration: Configuration,
  platform: Pick<Platform, 'tables'> & Partial<Platform>,
): WorkflowStepHandler {
  const deps = createDeps(configuration, {
    tables: platform.tables,
    // A step never starts a workflow. The state machine calls the step again until the transition is done.
    workflows: { start: async () => {} },
    log: platform.log ?? faultLog,
    meter: platform.meter,
    now: platform.now,
  });
  return async (task) => {
    await deps.requireUsable();
    return advance(task, deps);
  };
}
