import type { WorkflowStepHandler } from '../functions/workflow.ts';
import { hasStream } from '../lib/store/stream-item.ts';
import type { LocalStore } from './store.ts';

/** By then, every reader has learned that the stream was deleted, ms. */
const READERS_GONE_MS = 60_000;

/**
 * A step that also frees the storage of deleted streams, which nobody can read any more. DynamoDB expires it for free, within a day or
 * more, but here it occupies this machine's memory.
 * @param opened the store, which is open by then
 * @param onError called if something could not be freed: it expires later
 * @returns the step, and a function that cancels what is waiting
 */
export function freeingDeleted(
  step: WorkflowStepHandler,
  opened: () => Promise<LocalStore>,
  onError: (error: unknown) => void,
): { readonly step: WorkflowStepHandler; readonly end: () => void } {
  const waiting = new Map<string, NodeJS.Timeout>();
  const free = async (streamId: string) => {
    waiting.delete(streamId);
    const store = await opened();
    if (!(await hasStream(store.tables, streamId))) {
      await store.discard?.(streamId);
    }
  };
  return {
    step: async (task) => {
      const progress = await step(task);
      const { streamId } = task;
      // A failed check is not an error of the step: the records expire later.
      const isGone = progress.done && !(await hasStream((await opened()).tables, streamId).catch(() => true));
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
