import { type EmptyBatch, newestBatch, putBatch } from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { closeTail } from '../store/tail-item.ts';

/** Each try moves the seal above what took its place; only reservations made before the close can do so. */
const MAX_TRIES = 32;

/**
 * SEAL: ends a shard's log (docs/log.md#sealing). First the tail closes, so that no position is reserved any more; then
 * the seal is put at the first free position at or above both the tail and the newest batch. Repeating it finds the
 * seal that is there.
 * @param ttl when the seal may be removed, epoch seconds; undefined: never
 * @returns the seal that stands, or undefined when the shard has no tail: it was never opened, or is deleted
 */
export async function sealShard(
  tables: Tables,
  shard: ShardReference,
  seal: { readonly nowMs: number; readonly writer: string; readonly ttl?: number },
): Promise<EmptyBatch | undefined> {
  const tail = await closeTail(tables, shard);
  if (tail === undefined) {
    return undefined;
  }
  let position = tail.nextPosition;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const newest = await newestBatch(tables, shard);
    if (newest?.kind === 'seal') {
      return newest;
    }
    position = Math.max(position, (newest?.position ?? 0) + 1);
    const batch: EmptyBatch = {
      kind: 'seal',
      position,
      // No reservation was made later by any writer's clock: the shard closes after all of its records.
      arrivalMs: Math.max(seal.nowMs, tail.reservedMs),
      beforeMs: tail.reservedMs,
      writer: seal.writer,
      ...(seal.ttl !== undefined && { ttl: seal.ttl }),
      countedSecond: tail.countedSecond,
      secondRecords: tail.secondRecords,
      secondBytes: tail.secondBytes,
    };
    if ((await putBatch(tables, shard, batch)) === 'written') {
      return batch;
    }
  }
  throw new Error('the shard could not be sealed: its end kept moving');
}
