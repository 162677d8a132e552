import type { Deps } from '../deps.ts';
import type { Stream, Transition, TransitionKind } from '../model/stream.ts';
import { getStream } from '../store/stream-item.ts';
import { createShards } from './create-shards.ts';
import { deleteShards } from './delete-shards.ts';
import type { LifecycleProgress, LifecycleTask } from './task.ts';

/**
 * One step of a transition: safe to repeat, and to stop in the middle of.
 * @returns whether the transition has come to its end
 */
export type Step = (stream: Stream & { readonly transition: Transition }, deps: Deps) => Promise<boolean>;

const STEPS: Readonly<Record<TransitionKind, Step>> = { CREATE: createShards, DELETE: deleteShards };

/**
 * Takes the next step of the transition that a task names. A transition that has ended, or that another one has
 * overtaken, is done.
 */
export async function advance(task: LifecycleTask, deps: Deps): Promise<LifecycleProgress> {
  const stream = await getStream(deps.tables, task.streamName);
  const { transition } = stream ?? {};
  if (stream?.id !== task.streamId || transition?.id !== task.transitionId) {
    return { ...task, done: true };
  }
  return { ...task, done: await STEPS[transition.kind]({ ...stream, transition }, deps) };
}
