import type { Deps } from '../deps.ts';
import type { Stream, Transition, TransitionKind } from '../model/stream.ts';

/** A transition that has not ended after this time is started again by whoever describes the stream. */
const STUCK_AFTER_MS = 60_000;

/** A transition that begins now. */
export function newTransition(kind: TransitionKind, deps: Deps): Transition {
  const startedMs = deps.now();
  return { id: deps.newId(), kind, startedMs, notBeforeMs: startedMs + deps.transitionMs };
}

/**
 * Starts the workflow of a transition that has been written. That it could not be started is logged, not told: the
 * transition stands, and the next describe call starts it again.
 */
export async function startTransition(
  stream: Pick<Stream, 'name' | 'id'>,
  transition: Transition,
  deps: Deps,
): Promise<void> {
  try {
    await deps.workflows.start(stream, transition);
  } catch (error) {
    deps.log.error('the lifecycle workflow could not be started', error);
  }
}

/** Starts a transition again that should long have ended, so that no stream stays stuck. */
export async function nudgeTransition(stream: Stream, deps: Deps): Promise<void> {
  const { transition } = stream;
  if (transition !== undefined && deps.now() - transition.notBeforeMs > STUCK_AFTER_MS) {
    await startTransition(stream, transition, deps);
  }
}
