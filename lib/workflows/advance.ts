import type { Deps } from '../deps.ts';
import type { Transition } from '../model/stream.ts';
import { changeStreamInTransition, getStream, hasStream } from '../store/stream-item.ts';
import { createShards } from './create-shards.ts';
import { deleteShards, removeShards } from './delete-shards.ts';
import { advanceRewrite } from './expiry-passes.ts';
import { reshardStream } from './reshard-stream.ts';
import type { ChangingStream, Step } from './step.ts';
import type { LifecycleProgress, LifecycleTask } from './task.ts';
import { updateStream } from './update-stream.ts';

const STEPS: Readonly<Record<Transition['kind'], Step>> = {
  CREATE: createShards,
  DELETE: deleteShards,
  SPLIT: reshardStream,
  MERGE: reshardStream,
  MERGES: reshardStream,
  SCALE: reshardStream,
  UPDATE: updateStream,
};

/**
 * Takes the next step of the run that a task names (docs/glossary.md). A run that has ended, or that another run has
 * replaced, is done. Such a run may have written shards while its stream was being deleted, after the deletion had
 * listed the shards. This function removes them. It never removes the shards of an id that a stream still has under
 * another name.
 */
export async function advance(task: LifecycleTask, deps: Deps): Promise<LifecycleProgress> {
  const stream = await getStream(deps.tables, task.streamName);
  if (stream?.id === task.streamId) {
    const { transition, expiryRewrite } = stream;
    if (transition?.id === task.runId) {
      const done = await STEPS[transition.kind]({ ...stream, transition }, deps);
      return done ? { ...task, done } : transitionProgressed(task, { ...stream, transition }, deps);
    }
    if (expiryRewrite?.id === task.runId) {
      return advanceRewrite(task, { ...stream, expiryRewrite }, deps);
    }
  }
  if (stream?.id === task.streamId ? stream.status === 'DELETING' : !(await hasStream(deps.tables, task.streamId))) {
    return { ...task, done: await removeShards(task.streamId, deps) };
  }
  return { ...task, done: true };
}

/** Stores that a transition made progress, so that no other execution is started for it yet. */
async function transitionProgressed(
  task: LifecycleTask,
  stream: ChangingStream,
  deps: Deps,
): Promise<LifecycleProgress> {
  const transition = { ...stream.transition, progressedMs: deps.now() };
  await changeStreamInTransition(deps.tables, stream, task.runId, { transition });
  return { ...task, done: false };
}
