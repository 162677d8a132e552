import { type Batch, type EmptyBatch, newestBatch, newestBatches, putBatch } from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import { closeTail, type Tail } from '../store/tail-item.ts';
import { CHAIN_FORGOTTEN_MS, LEAP, lastClaimMs } from './protocol.ts';

/** Each try moves the seal above what took its place. */
const MAX_TRIES = 32;

/** How far above the end of a chain that grows a seal is put at most. */
const MAX_AHEAD = 64;

/** What a seal is made with. */
export interface SealRequest {
  /** The clock, epoch ms: it is read once the tail has closed. */
  readonly now: () => number;
  readonly writer: string;
  /** When the seal may be removed, epoch seconds; undefined: never. */
  readonly ttl?: number;
}

/**
 * SEAL: ends a shard's log (docs/log.md#sealing). First the tail closes, so that no position is reserved any more; then
 * the seal is put at the first free position at or above both the tail and the newest batch; last, a chain that could still
 * grow below it is broken. Repeating it finds the seal that is there.
 * @returns the seal that stands, or undefined when the shard has no tail: it was never opened, or is deleted
 */
export async function sealShard(
  tables: Tables,
  shard: ShardReference,
  request: SealRequest,
): Promise<EmptyBatch | undefined> {
  const tail = await closeTail(tables, shard);
  if (tail === undefined) {
    return undefined;
  }
  // Not before: until the tail has closed, a head can be claimed.
  const seal = await putSeal(tables, shard, request, tail, request.now());
  await breakChain(tables, shard, seal, tail);
  return seal;
}

async function putSeal(
  tables: Tables,
  shard: ShardReference,
  request: SealRequest,
  tail: Tail,
  nowMs: number,
): Promise<EmptyBatch> {
  const hasLeapt = isForgotten(tail, nowMs);
  let lowest = tail.nextPosition + (hasLeapt ? LEAP : 0);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const newest = await newestBatch(tables, shard);
    if (newest?.kind === 'seal') {
      return newest as EmptyBatch;
    }
    lowest = Math.max(lowest, (newest?.position ?? 0) + 1);
    // The writers of a chain are as fast as a sealer: it has to get ahead of them.
    const ahead = tail.claims === 'GUESS' ? Math.min(2 ** tries - 1, MAX_AHEAD) : 0;
    const position = lowest + ahead;
    const isAhead = tail.claims === 'GUESS' && !hasLeapt && position > (newest?.position ?? 0) + 1;
    const seal = sealAt({ position, nowMs, isAhead }, request, tail, newest);
    if ((await putBatch(tables, shard, seal)) === 'written') {
      return seal;
    }
  }
  throw new Error('the shard could not be sealed: its end kept moving');
}

/** Whether what a chain came to may have expired: the seal has to stand above that, too. */
const isForgotten = ({ claims, reservedMs }: Tail, nowMs: number): boolean =>
  claims === 'GUESS' && nowMs - reservedMs > CHAIN_FORGOTTEN_MS;

function sealAt(
  { position, nowMs, isAhead }: { readonly position: number; readonly nowMs: number; readonly isAhead: boolean },
  { writer, ttl }: SealRequest,
  tail: Tail,
  newest: Batch | undefined,
): EmptyBatch {
  // Nothing was claimed later by any writer's clock: the shard closes after all of its records.
  const arrivalMs = Math.max(nowMs, tail.reservedMs, newest?.arrivalMs ?? 0);
  return {
    kind: 'seal',
    position,
    arrivalMs,
    beforeMs: lastClaimMs(tail, arrivalMs),
    writer,
    ...(ttl !== undefined && { ttl }),
    ...(isAhead && { ahead: true }),
    countedSecond: tail.countedSecond,
    secondRecords: tail.secondRecords,
    secondBytes: tail.secondBytes,
  };
}

/**
 * Fills the one position below a seal that a chain can still take: a record that is put once the log has ended must not come
 * to stand in it.
 */
async function breakChain(tables: Tables, shard: ShardReference, seal: EmptyBatch, tail: Tail): Promise<void> {
  // The chain can take a position before each fill; it ends at the seal.
  for (let tries = 0; tries <= MAX_AHEAD; tries++) {
    const [, newest] = await newestBatches(tables, shard, { limit: 2, consistent: true });
    const position = chainEnd(tail, newest);
    if (position === undefined || position >= seal.position) {
      return;
    }
    const { writer, arrivalMs, beforeMs, ttl } = seal;
    const fill: EmptyBatch = {
      kind: 'fill',
      position,
      arrivalMs,
      beforeMs,
      writer: `${writer}-${position}`,
      ...(ttl !== undefined && { ttl }),
      countedSecond: 0,
      secondRecords: 0,
      secondBytes: 0,
    };
    if ((await putBatch(tables, shard, fill)) === 'written') {
      return;
    }
  }
  throw new Error('the chain below the seal kept growing');
}

/** @param newest below the seal @returns undefined when there is no chain that could grow */
function chainEnd({ claims, nextPosition }: Tail, newest: Batch | undefined): number | undefined {
  const head = nextPosition - 1;
  const position = newest?.position ?? 0;
  const hasEnded = position >= head && newest?.headMs === undefined;
  return claims === 'RESERVE' || hasEnded ? undefined : Math.max(head, position + 1);
}
