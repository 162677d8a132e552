import type { Deps } from '../deps.ts';
import type { Stream, Transition, TransitionWork, WorkflowRun } from '../model/stream.ts';

/** A run without progress for this time is restarted by the next describe call, ms. */
const STUCK_AFTER_MS = 30_000;

/** A run of the lifecycle workflow that begins now. */
export function newRun(deps: Deps, waitMs: number): WorkflowRun {
  const startedMs = deps.now();
  return { id: deps.newId(), startedMs, notBeforeMs: startedMs + waitMs };
}

/** A transition that begins now. */
export function newTransition(work: TransitionWork, deps: Deps): Transition {
  return { ...newRun(deps, deps.transitionMs), ...work };
}

/**
 * Starts the workflow of a stored run. A failure to start is logged, not thrown: the run stays stored,
 * and the next describe call restarts it.
 */
export async function startRun(stream: Pick<Stream, 'name' | 'id'>, run: WorkflowRun, deps: Deps): Promise<void> {
  try {
    await deps.workflows.start(stream, run);
  } catch (error) {
    deps.log.error('the lifecycle workflow could not be started', error);
  }
}

/** How often a process that serves a stream checks for stuck runs. */
const NUDGES_PER_SECOND = 1;

/** The same for puts and reads, with the cached stream: not every client describes streams. */
export async function restartStuckRunsThrottled(stream: Stream, deps: Deps): Promise<void> {
  const isChanging = stream.transition !== undefined || stream.expiryRewrite !== undefined;
  if (isChanging && deps.rates.admit(`nudge ${stream.id}`, NUDGES_PER_SECOND)) {
    await restartStuckRuns(stream, deps);
  }
}

/** Restarts runs without progress, so that no stream stays in transition for ever. */
export async function restartStuckRuns(stream: Stream, deps: Deps): Promise<void> {
  for (const run of [stream.transition, stream.expiryRewrite]) {
    if (run !== undefined && deps.now() - Math.max(run.progressedMs ?? 0, run.notBeforeMs) > STUCK_AFTER_MS) {
      await startRun(stream, run, deps);
    }
  }
}
