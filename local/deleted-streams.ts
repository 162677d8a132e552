import type { WorkflowStepHandler } from '../functions/workflow.ts';
import { hasStream } from '../lib/store/stream-item.ts';
import type { LocalStore } from './store.ts';

/** Whoever still reads a stream when it is deleted has learned of it by then, ms. */
const READERS_GONE_MS = 60_000;

/**
 * A step that also frees what deleted streams hold, which nobody can read any more: DynamoDB expires it for nothing, in a day or
 * more, but here it takes this machine's memory.
 * @param onError told when something could not be freed: it expires all the same
 * @returns the step, and what ends the waiting
 */
export function freeingDeleted(
  step: WorkflowStepHandler,
  store: LocalStore,
  onError: (error: unknown) => void,
): { readonly step: WorkflowStepHandler; readonly end: () => void } {
  const waiting = new Map<string, NodeJS.Timeout>();
  const free = async (streamId: string) => {
    waiting.delete(streamId);
    if (!(await hasStream(store.tables, streamId))) {
      await store.discard?.(streamId);
    }
  };
  return {
    step: async (task) => {
      const progress = await step(task);
      const { streamId } = task;
      // What cannot be told now is no fault of the step's: the records expire all the same.
      const isGone = progress.done && !(await hasStream(store.tables, streamId).catch(() => true));
      if (isGone && !waiting.has(streamId)) {
        waiting.set(streamId, setTimeout(() => free(streamId).catch(onError), READERS_GONE_MS).unref());
      }
      return progress;
    },
    end: () => {
      for (const timeout of waiting.values()) {
        clearTimeout(timeout);
      }
    },
  };
}
