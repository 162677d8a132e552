import type { Deps } from '../deps.ts';
import { expirySeconds } from '../log/protocol.ts';
import { FIRST_POSITION } from '../model/position.ts';
import { type LogCursor, retentionMs, type Stream } from '../model/stream.ts';
import { extendExpiry, queryBatches } from '../store/batch-item.ts';
import { listShards } from '../store/shard-item.ts';
import { changeStreamInRun } from '../store/stream-item.ts';
import { inGroups } from './in-groups.ts';

/** Batches that are read at once. */
const BATCHES_PER_PAGE = 200;

/** A step goes on with further pages for so long, well within a function's time. */
const STEP_MS = 20_000;

/**
 * After the retention period was increased: moves the expiry of everything that is stored, page by page, shard by shard.
 * Repeating a page changes nothing.
 * @returns where the next step goes on; undefined when the run has come to its end
 */
export async function rewriteExpiry(
  stream: Stream,
  run: NonNullable<Stream['expiryRewrite']>,
  deps: Deps,
): Promise<LogCursor | undefined> {
  const indexes = (await listShards(deps.tables, stream.id)).map((shard) => shard.index);
  const untilMs = deps.now() + STEP_MS;
  let cursor: LogCursor | undefined = run.cursor ?? { shardIndex: 0, position: FIRST_POSITION };
  do {
    cursor = await rewritePage(stream, cursor, indexes, deps);
  } while (cursor !== undefined && deps.now() < untilMs);
  if (cursor === undefined) {
    await changeStreamInRun(deps.tables, stream, { member: 'expiryRewrite', id: run.id }, { expiryRewrite: undefined });
  }
  return cursor;
}

/** @returns where the next page begins; undefined after the last one */
async function rewritePage(
  stream: Stream,
  cursor: LogCursor,
  shardIndexes: readonly number[],
  deps: Deps,
): Promise<LogCursor | undefined> {
  const index = shardIndexes.find((candidate) => candidate >= cursor.shardIndex);
  if (index === undefined) {
    return undefined;
  }
  const shard = { streamId: stream.id, shardIndex: index };
  const from = index === cursor.shardIndex ? cursor.position : FIRST_POSITION;
  const page = await queryBatches(deps.tables, shard, from, { limit: BATCHES_PER_PAGE, consistent: true });
  await inGroups(
    // What has no expiry, the seals of closed shards, keeps none.
    page.batches.filter((batch) => batch.ttl !== undefined),
    (batch) => extendExpiry(deps.tables, shard, batch, expirySeconds(batch.arrivalMs, retentionMs(stream))),
  );
  const last = page.batches.at(-1);
  return page.atTip || last === undefined
    ? { shardIndex: index + 1, position: FIRST_POSITION }
    : { shardIndex: index, position: last.position + 1 };
}
