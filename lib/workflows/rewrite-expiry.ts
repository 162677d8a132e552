import type { Deps } from '../deps.ts';
import { positionAtTime } from '../log/locate.ts';
import { chunkExpirySeconds, expirySeconds } from '../log/protocol.ts';
import type { Shard } from '../model/shard.ts';
import { type ExpiryRewrite, horizonMs, retentionMs, type Stream } from '../model/stream.ts';
import { Stopwatch } from '../runtime/stopwatch.ts';
import { type Batch, extendBatch, queryBatches } from '../store/batch-item.ts';
import { extendChunks } from '../store/chunk-item.ts';
import { listShards } from '../store/shard-item.ts';
import type { ShardReference } from '../store/table.ts';
import { inGroups } from './in-groups.ts';

/** Batches that are read at once. */
const BATCHES_PER_PAGE = 200;

/** A step goes on with further pages for so long, well within a function's time. */
const STEP_MS = 20_000;

/** Calls made at once: a pass has to be as fast as all the stream's producers were together. */
const CONCURRENCY = 64;

/** How far a pass has come in a shard. */
interface Front {
  readonly shard: ShardReference;
  readonly position: number;
  /** What follows has arrived no earlier, but for a fraction of a second; epoch ms. */
  readonly arrivalMs: number;
}

/**
 * After the retention period was increased: moves the expiry of everything that is stored and still to be read. Always in the
 * shard whose turn has the oldest batches, so that what would expire first is moved first. What is kept for long enough
 * already is only read. Repeating any part changes nothing.
 * @returns until when everything has been moved, epoch ms; undefined when the pass has come to its end
 */
export async function rewriteExpiry(stream: Stream, run: ExpiryRewrite, deps: Deps): Promise<number | undefined> {
  let fronts = await frontsAt(stream, run.movedMs ?? horizonMs(stream, deps.now()), deps);
  const stopwatch = new Stopwatch(deps.now);
  // Not before: each step comes on, however long it takes to find where to begin.
  const begun = stopwatch.moment();
  do {
    fronts = await moveOldest(stream, fronts, deps);
  } while (fronts.length > 0 && stopwatch.ageMs(begun) < STEP_MS);
  return fronts.length > 0 ? oldestOf(fronts).arrivalMs : undefined;
}

/** @returns how far the pass has come once a page of the oldest was moved */
async function moveOldest(stream: Stream, fronts: readonly Front[], deps: Deps): Promise<Front[]> {
  if (fronts.length === 0) {
    return [];
  }
  const oldest = oldestOf(fronts);
  const further = await movePage(stream, oldest, deps);
  return fronts.flatMap((front) => (front === oldest ? (further ?? []) : front));
}

const oldestOf = (fronts: readonly Front[]): Front =>
  fronts.reduce((oldest, front) => (front.arrivalMs < oldest.arrivalMs ? front : oldest));

/** Where to begin in each shard that has anything from a time on. */
async function frontsAt(stream: Stream, fromMs: number, deps: Deps): Promise<Front[]> {
  const fronts: Front[] = [];
  const isOver = ({ closedSeconds = Number.POSITIVE_INFINITY }: Shard) => (closedSeconds + 1) * 1_000 < fromMs;
  const shards = (await listShards(deps.tables, stream.id)).filter((shard) => !isOver(shard));
  const locate = async ({ index }: Shard) => {
    const shard = { streamId: stream.id, shardIndex: index };
    const position = await positionAtTime(deps.tables, shard, fromMs);
    const { batches } = await queryBatches(deps.tables, shard, position, { limit: 1, consistent: true });
    const [first] = batches;
    if (first !== undefined) {
      fronts.push({ shard, position: first.position, arrivalMs: first.arrivalMs });
    }
  };
  await inGroups(shards, locate, CONCURRENCY);
  return fronts;
}

/** @returns where the next page begins; undefined after the last one */
async function movePage(stream: Stream, { shard, position }: Front, deps: Deps): Promise<Front | undefined> {
  const page = await queryBatches(deps.tables, shard, position, { limit: BATCHES_PER_PAGE, consistent: true });
  await inGroups(page.batches, (batch) => moveExpiry(shard, batch, retentionMs(stream), deps), CONCURRENCY);
  const last = page.batches.at(-1);
  return page.atTip || last === undefined
    ? undefined
    : { shard, position: last.position + 1, arrivalMs: last.arrivalMs };
}

/**
 * Chunks are moved before their batch: one that names chunks is never kept for longer than they are. Where one of them has
 * expired, the records are gone, and the batch goes when its time has come.
 */
async function moveExpiry(shard: ShardReference, batch: Batch, retainedMs: number, deps: Deps): Promise<void> {
  const ttl = expirySeconds(batch.arrivalMs, retainedMs);
  // What has no expiry, the seal of a closed shard, keeps none.
  if (batch.ttl === undefined || batch.ttl >= ttl) {
    return;
  }
  const chunkTtl = chunkExpirySeconds(batch.arrivalMs, retainedMs);
  if (batch.kind !== 'data' || (await extendChunks(deps.tables, shard, batch, chunkTtl))) {
    await extendBatch(deps.tables, shard, batch.position, ttl);
  }
}
