import type { Deps } from '../deps.ts';
import { KinesisFault } from '../faults.ts';
import { quietNeighbours } from '../model/quiet-neighbours.ts';
import type { Stream } from '../model/stream.ts';
import { listShards } from '../store/shard-item.ts';
import type { StreamChanges } from '../store/stream-item.ts';
import { changeExistingStream, updating } from './change-stream.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How often one process looks whether a stream is due. */
const LOOKS_PER_SECOND = 1;

/** When a stream that was just scaled is next looked at, epoch ms. */
export const nextScaleDownMs = (nowMs: number): number => nowMs + DAY_MS;

/** The fewest shards of an on-demand stream: those it started with, or those of its warm throughput, with a MiB a second each. */
const fewestShards = (stream: Stream, deps: Deps): number =>
  Math.max(deps.limits.onDemandShards, stream.warmMiBps ?? 0);

/**
 * Scales an on-demand stream down, if it is due: it merges neighbours of which neither was more than a quarter full for a day. The
 * time at which it is due is stored in the stream. The next put or read after it does the work. So it costs nothing
 * while nobody uses the stream. Errors are logged, not thrown: the call that led here has nothing to do with it.
 */
export async function scaleDownIfDue(stream: Stream, deps: Deps): Promise<void> {
  const isLarge = stream.mode === 'ON_DEMAND' && stream.openShardCount > fewestShards(stream, deps);
  if (
    !isLarge ||
    stream.status !== 'ACTIVE' ||
    (stream.scaleDownMs ?? 0) > deps.now() ||
    !deps.rates.admit(`scale down ${stream.id}`, LOOKS_PER_SECOND)
  ) {
    return;
  }
  try {
    const reference = { streamName: stream.name, accountId: deps.account.accountId };
    await changeExistingStream(reference, deps, (current) =>
      current.id === stream.id && current.status === 'ACTIVE' && current.mode === 'ON_DEMAND'
        ? scaledDown(current, deps)
        : undefined,
    );
  } catch (error) {
    if (!(error instanceof KinesisFault)) {
      deps.log.error('an on-demand stream could not be scaled down', error);
    }
  }
}

async function scaledDown(stream: Stream, deps: Deps): Promise<StreamChanges | undefined> {
  const nowMs = deps.now();
  if ((stream.scaleDownMs ?? Number.NEGATIVE_INFINITY) > nowMs) {
    // Another process was faster.
    return undefined;
  }
  if (stream.scaleDownMs === undefined) {
    // It has just become an on-demand stream: a day of its own has to pass.
    return { scaleDownMs: nextScaleDownMs(nowMs) };
  }
  const shards = await listShards(deps.tables, stream.id);
  const spare = stream.openShardCount - fewestShards(stream, deps);
  const pairs = quietNeighbours(shards, nowMs - DAY_MS).slice(0, Math.max(0, spare));
  return pairs.length === 0
    ? { scaleDownMs: nowMs + HOUR_MS }
    : { ...updating({ kind: 'MERGES', pairs }, deps), scaleDownMs: nextScaleDownMs(nowMs) };
}
