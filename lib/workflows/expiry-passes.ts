import type { Deps } from '../deps.ts';
import { SETTINGS_SETTLED_MS } from '../log/protocol.ts';
import type { ExpiryRewrite, Stream } from '../model/stream.ts';
import { changeStream, getStream } from '../store/stream-item.ts';
import { rewriteExpiry } from './rewrite-expiry.ts';
import type { LifecycleProgress, LifecycleTask } from './task.ts';

/** Each try loses against another change of the same stream. */
const MAX_TRIES = 8;

/**
 * One step of a run that moves the expiry of what is stored. A stream has one run at most, which makes a pass over everything;
 * an increase that comes while it is under way asks it for another pass, however many there are. The first step of a pass has read
 * the longer period: it moves nothing, and dates from when on everybody has.
 */
export async function advanceRewrite(
  task: LifecycleTask,
  stream: Stream & { readonly expiryRewrite: ExpiryRewrite },
  deps: Deps,
): Promise<LifecycleProgress> {
  const run = stream.expiryRewrite;
  if (run.notBeforeMs > Date.parse(task.notBefore)) {
    // The task dates from an earlier pass: its execution has to wait for this one's time, too.
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

/** @returns undefined when nobody has asked for one */
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
 * Changes a run as it is now: an increase may have asked for another pass since the step began. Where another execution has ended the
 * pass meanwhile, what this one has done says nothing of the next one.
 * @param known the run as the step knows it
 * @returns the run as it goes on; undefined when it has ended
 * @throws Error when others were always faster: the step is taken again
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
