import type { Deps } from '../deps.ts';
import { SETTINGS_SETTLED_MS } from '../log/protocol.ts';
import type { ExpiryRewrite, Stream } from '../model/stream.ts';
import { changeStream, getStream } from '../store/stream-item.ts';
import { rewriteExpiry } from './rewrite-expiry.ts';
import type { LifecycleProgress, LifecycleTask } from './task.ts';

/** A try fails only if another change of the same stream was faster. */
const MAX_TRIES = 8;

/**
 * One step of a run that moves the expiry of stored items (docs/glossary.md). A stream has at most one such run. The
 * run makes a pass over everything stored. All increases of the retention period during a pass together request one
 * further pass. The first step of a pass moves nothing. It has read the longer period, and stores the time from which
 * every process uses it.
 */
export async function advanceRewrite(
  task: LifecycleTask,
  stream: Stream & { readonly expiryRewrite: ExpiryRewrite },
  deps: Deps,
): Promise<LifecycleProgress> {
  const run = stream.expiryRewrite;
  if (run.notBeforeMs > Date.parse(task.notBefore)) {
    // The task is from an earlier pass. Its execution must also wait until the current pass may begin.
    return waiting(task, run.notBeforeMs);
  }
  if (run.isDated !== true) {
    const notBeforeMs = deps.now() + SETTINGS_SETTLED_MS;
    return goingOn(
      task,
      await changeRewrite(task, run, deps, (current) => ({ ...current, notBeforeMs, isDated: true })),
    );
  }
  const movedMs = await rewriteExpiry(stream, run, deps);
  const progressedMs = deps.now();
  const next = await changeRewrite(task, run, deps, (current) =>
    movedMs === undefined ? anotherPass(current, progressedMs) : { ...current, movedMs, progressedMs },
  );
  return goingOn(task, next);
}

/** @returns the run with its next pass; undefined if no further pass was requested */
function anotherPass(
  { movedMs: _movedMs, isDated: _isDated, againMs, ...rest }: ExpiryRewrite,
  progressedMs: number,
): ExpiryRewrite | undefined {
  return againMs === undefined ? undefined : { ...rest, notBeforeMs: againMs, progressedMs };
}

const goingOn = (task: LifecycleTask, run: ExpiryRewrite | undefined): LifecycleProgress =>
  run === undefined ? { ...task, done: true } : waiting(task, run.notBeforeMs);

const waiting = (task: LifecycleTask, notBeforeMs: number): LifecycleProgress => ({
  ...task,
  notBefore: new Date(notBeforeMs).toISOString(),
  done: false,
});

/**
 * Reads a run again, and changes it: an increase may have requested another pass since the step began. If another
 * execution has ended the pass meanwhile, this function changes nothing, because the result of this step does not
 * apply to the next pass.
 * @param known the run as the step has read it
 * @returns the run after the change; undefined if it has ended
 * @throws Error if other changes were faster at every try; then the step is repeated
 */
async function changeRewrite(
  { streamName, streamId, runId }: LifecycleTask,
  known: ExpiryRewrite,
  deps: Deps,
  change: (current: ExpiryRewrite) => ExpiryRewrite | undefined,
): Promise<ExpiryRewrite | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stream = await getStream(deps.tables, streamName);
    if (stream?.id !== streamId || stream.expiryRewrite?.id !== runId) {
      return undefined;
    }
    const current = stream.expiryRewrite;
    if (current.notBeforeMs !== known.notBeforeMs || current.isDated !== known.isDated) {
      return current;
    }
    const expiryRewrite = change(current);
    if (await changeStream(deps.tables, stream, { expiryRewrite })) {
      return expiryRewrite;
    }
  }
  throw new Error('the stream kept changing');
}
