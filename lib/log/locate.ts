import { FIRST_POSITION } from '../model/position.ts';
import { type Batch, newestBatch, newestBelow, queryBatches } from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { CLOCK_MARGIN_MS } from './protocol.ts';

/**
 * LATEST: the position after the newest batch at the time of the call; at a seal, after the newest below it, because a
 * gap there may still be written.
 */
export async function latestPosition(tables: Tables, shard: ShardReference): Promise<number> {
  let newest = await newestBatch(tables, shard);
  // A log has one seal; one that was sealed by an earlier version may have two.
  while (newest?.kind === 'seal') {
    newest = await newestBelow(tables, shard, newest.position);
  }
  return positionAfter(newest);
}

const positionAfter = (batch: Batch | undefined): number => (batch === undefined ? FIRST_POSITION : batch.position + 1);

/**
 * TRIM_HORIZON: the first position. If the batch there has expired: a position before which everything has expired, so that
 * readers need not skip it. DynamoDB removes expired items for free, but up to days late.
 * @param horizonMs epoch ms
 */
export async function horizonPosition(tables: Tables, shard: ShardReference, horizonMs: number): Promise<number> {
  const { batches } = await queryBatches(tables, shard, FIRST_POSITION, { limit: 1, consistent: false });
  const [first] = batches;
  return first === undefined || first.arrivalMs >= horizonMs
    ? FIRST_POSITION
    : positionAtTime(tables, shard, horizonMs);
}

/**
 * AT_TIMESTAMP: a position before which every record arrived earlier than the time. It is found by a binary search: positions
 * are dense, and arrival times ascend almost always with them. Readers that start there skip what arrived earlier.
 * @param timestampMs epoch ms
 */
export async function positionAtTime(tables: Tables, shard: ShardReference, timestampMs: number): Promise<number> {
  let low = FIRST_POSITION;
  let high = await latestPosition(tables, shard);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { batches } = await queryBatches(tables, shard, middle, { limit: 1, consistent: true });
    const batch = batches[0];
    if (batch === undefined || batch.position >= high || batch.arrivalMs >= timestampMs - CLOCK_MARGIN_MS) {
      high = middle;
    } else {
      low = batch.position + 1;
    }
  }
  return low;
}
