import type { Deps } from '../deps.ts';
import { expirySeconds } from '../log/protocol.ts';
import { FIRST_POSITION } from '../model/position.ts';
import { retentionMs, type Stream, type WorkflowRun } from '../model/stream.ts';
import { extendExpiry, queryBatches } from '../store/batch-item.ts';
import { listShards } from '../store/shard-item.ts';
import { changeStreamInRun } from '../store/stream-item.ts';
import { inGroups } from './in-groups.ts';
import type { LogCursor } from './task.ts';

/** Batches that one step goes through. */
const BATCHES_PER_STEP = 500;

/**
 * After the retention period was increased: moves the expiry of everything that is stored, page by page, shard by shard.
 * Repeating a page changes nothing.
 * @returns where the next step goes on; undefined when the run has come to its end
 */
export async function rewriteExpiry(
  stream: Stream,
  run: WorkflowRun,
  cursor: LogCursor | undefined,
  deps: Deps,
): Promise<LogCursor | undefined> {
  const from = cursor ?? { shardIndex: 0, position: FIRST_POSITION };
  const indexes = (await listShards(deps.tables, stream.id)).map((shard) => shard.index);
  const index = indexes.find((candidate) => candidate >= from.shardIndex);
  if (index === undefined) {
    await changeStreamInRun(deps.tables, stream, { member: 'expiryRewrite', id: run.id }, { expiryRewrite: undefined });
    return undefined;
  }
  const shard = { streamId: stream.id, shardIndex: index };
  const position = index === from.shardIndex ? from.position : FIRST_POSITION;
  const page = await queryBatches(deps.tables, shard, position, { limit: BATCHES_PER_STEP, consistent: true });
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
