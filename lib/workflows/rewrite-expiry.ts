import type { Deps } from '../deps.ts';
import { positionAtTime } from '../log/locate.ts';
import { bodyExpirySeconds, expirySeconds } from '../log/protocol.ts';
import type { Shard } from '../model/shard.ts';
import { type ExpiryRewrite, horizonMs, retentionMs, type Stream } from '../model/stream.ts';
import { Stopwatch } from '../runtime/stopwatch.ts';
import { type Batch, type DataBatch, extendBatch, queryBatches } from '../store/batch-item.ts';
import { keepObject, ObjectGone } from '../store/body-object.ts';
import { extendChunks } from '../store/chunk-item.ts';
import { listShards } from '../store/shard-item.ts';
import type { ShardReference } from '../store/table.ts';
import { inGroups } from './in-groups.ts';

/** The largest number of batches in one page. */
const BATCHES_PER_PAGE = 200;

/** For this time a step begins further pages. It is well within a function's timeout. */
const STEP_MS = 20_000;

/** The number of calls at once. A pass must be as fast as all producers of the stream were together. */
const CONCURRENCY = 64;

/** What moving the expiry needs. With a log, an object that is lost is told there and the rest goes on. Without one, it is an error. */
export type ExpiryDeps = Pick<Deps, 'tables' | 'now'> & { readonly log?: Deps['log'] };

/** How far a pass has come in a shard (docs/glossary.md). */
interface Front {
  readonly shard: ShardReference;
  readonly position: number;
  /** Batches from `position` on arrived at this time or later, or a fraction of a second earlier; epoch ms. */
  readonly arrivalMs: number;
}

/**
 * Moves the expiry of everything stored that can still be read, after the retention period was increased. The next
 * page always comes from the shard with the oldest batches, so what would expire first is moved first. Items that are
 * kept for long enough are only read. Every part is idempotent.
 * @returns the time up to which everything has been moved, epoch ms; undefined if the pass has ended
 */
export async function rewriteExpiry(
  stream: Stream,
  run: Pick<ExpiryRewrite, 'movedMs'>,
  deps: ExpiryDeps,
): Promise<number | undefined> {
  let fronts = await frontsAt(stream, run.movedMs ?? horizonMs(stream, deps.now()), deps);
  const stopwatch = new Stopwatch(deps.now);
  // The stopwatch starts only here: each step moves at least one page, no matter how long `frontsAt` took.
  const begun = stopwatch.moment();
  do {
    fronts = await moveOldest(stream, fronts, deps);
  } while (fronts.length > 0 && stopwatch.ageMs(begun) < STEP_MS);
  return fronts.length > 0 ? oldestOf(fronts).arrivalMs : undefined;
}

/** Moves one page in the shard with the oldest batches. @returns how far the pass has come then */
async function moveOldest(stream: Stream, fronts: readonly Front[], deps: ExpiryDeps): Promise<Front[]> {
  if (fronts.length === 0) {
    return [];
  }
  const oldest = oldestOf(fronts);
  const further = await movePage(stream, oldest, deps);
  return fronts.flatMap((front) => (front === oldest ? (further ?? []) : front));
}

const oldestOf = (fronts: readonly Front[]): Front =>
  fronts.reduce((oldest, front) => (front.arrivalMs < oldest.arrivalMs ? front : oldest));

/** Where to begin in each shard that has batches from a time on. */
async function frontsAt(stream: Stream, fromMs: number, deps: ExpiryDeps): Promise<Front[]> {
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

/** Moves one page of a shard. @returns where the next page begins; undefined after the last page */
async function movePage(stream: Stream, { shard, position }: Front, deps: ExpiryDeps): Promise<Front | undefined> {
  const page = await queryBatches(deps.tables, shard, position, { limit: BATCHES_PER_PAGE, consistent: true });
  await inGroups(page.batches, (batch) => moveExpiry(shard, batch, retentionMs(stream), deps), CONCURRENCY);
  const last = page.batches.at(-1);
  return page.atTip || last === undefined
    ? undefined
    : { shard, position: last.position + 1, arrivalMs: last.arrivalMs };
}

/**
 * Moves the expiry of a batch. Its body is moved first, so that a batch is never kept for longer than its body. If a part of
 * the body has expired, the records are gone. Then the batch keeps its expiry.
 */
async function moveExpiry(shard: ShardReference, batch: Batch, retainedMs: number, deps: ExpiryDeps): Promise<void> {
  const ttl = expirySeconds(batch.arrivalMs, retainedMs);
  // A batch without an expiry, such as the seal of a closed shard, stays without one.
  if (batch.ttl === undefined || batch.ttl >= ttl) {
    return;
  }
  const body = batch.kind === 'data' ? await keepBody(shard, batch, retainedMs, deps) : {};
  if (body !== undefined) {
    await extendBatch(deps.tables, shard, batch.position, { ttl, ...body });
  }
}

/** @returns what the batch has to name of its body from then on; undefined if the body is gone */
async function keepBody(
  shard: ShardReference,
  batch: DataBatch,
  retainedMs: number,
  { tables, now, log }: ExpiryDeps,
): Promise<Pick<DataBatch, 'objectDays'> | undefined> {
  const untilSeconds = bodyExpirySeconds(batch.arrivalMs, retainedMs);
  if (batch.objectDays !== undefined) {
    try {
      const objectDays = await keepObject(tables, shard, batch, untilSeconds, now());
      return objectDays === undefined ? undefined : { objectDays };
    } catch (error) {
      if (log === undefined || !(error instanceof ObjectGone)) {
        throw error;
      }
      // Its batch is kept, so that readers are told. One lost object must not let others expire.
      log.error('a body is lost', error);
      return {};
    }
  }
  return (await extendChunks(tables, shard, batch, untilSeconds)) ? {} : undefined;
}
