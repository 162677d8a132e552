import type { Deps } from '../deps.ts';
import type { Stream, Transition, TransitionWork, WorkflowRun } from '../model/stream.ts';

/** A run that has not come on for this time is started again by whoever describes the stream. */
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
 * Starts the workflow of a run that has been written. That it could not be started is logged, not told: the run stands,
 * and the next describe call starts it again.
 */
export async function startRun(stream: Pick<Stream, 'name' | 'id'>, run: WorkflowRun, deps: Deps): Promise<void> {
  try {
    await deps.workflows.start(stream, run);
  } catch (error) {
    deps.log.error('the lifecycle workflow could not be started', error);
  }
}

/** How often a process that serves a stream looks whether something of it is stuck. */
const NUDGES_PER_SECOND = 1;

/** The same for whoever serves the stream, by what is remembered of it: not everybody describes streams. */
export async function restartStuckRunsThrottled(stream: Stream, deps: Deps): Promise<void> {
  const isChanging = stream.transition !== undefined || stream.expiryRewrite !== undefined;
  if (isChanging && deps.rates.admit(`nudge ${stream.id}`, NUDGES_PER_SECOND)) {
    await restartStuckRuns(stream, deps);
  }
}

/** Starts again what should long have ended, so that no stream stays stuck. */
export async function restartStuckRuns(stream: Stream, deps: Deps): Promise<void> {
  for (const run of [stream.transition, stream.expiryRewrite]) {
    if (run !== undefined && deps.now() - Math.max(run.progressedMs ?? 0, run.notBeforeMs) > STUCK_AFTER_MS) {
      await startRun(stream, run, deps);
    }
  }
}
