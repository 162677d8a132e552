import {
  addExpiry,
  type Batch,
  type EmptyBatch,
  newestBatch,
  newestBatches,
  newestBelow,
  putBatch,
} from '../store/batch-item.ts';
import type { ShardReference } from '../store/table.ts';
import type { Tables } from '../store/tables.ts';
import type { Tail } from '../store/tail-item.ts';
import { chooseSealPosition, closeTail } from '../store/tail-state.ts';
import { isForgotten, LEAP, lastClaimMs } from './protocol.ts';

/** Each try moves the seal above the batch that took its position. */
const MAX_TRIES = 32;

/** The most positions between the end of a growing chain and its seal. */
const MAX_AHEAD = 64;

/** The last batches of a log that include all those without an expiry: its seal, and the fill below readers' fills. */
const UNEXPIRING = MAX_AHEAD + 8;

/** What a seal is made with. */
export interface SealRequest {
  /** The clock, epoch ms. It is read after the tail has closed. */
  readonly now: () => number;
  readonly writer: string;
  /** When the seal may be removed, epoch seconds; undefined: never. */
  readonly ttl?: number;
}

/** The seal of a log that has ended. */
export type Seal = EmptyBatch & {
  /** No record of the log arrived later, and none will, epoch ms. */
  readonly endMs: number;
};

/**
 * SEAL: ends a shard's log (docs/log.md#sealing; its words are in docs/glossary.md).
 *
 *   CLOSE   the tail: nobody reserves a position after this
 *   CHOOSE  the one position of the seal, at or above both the tail and the newest batch, by a condition on the tail
 *   PUT     the seal there; if a batch was faster, choose again
 *   BREAK   a chain that could still grow below the seal, by a fill
 *
 * A repeated or concurrent call finds the seal that is there.
 * @returns undefined if the shard has no tail: it was never written, or is deleted
 */
export async function sealShard(
  tables: Tables,
  shard: ShardReference,
  request: SealRequest,
): Promise<Seal | undefined> {
  const tail = await closeTail(tables, shard);
  // Not earlier: until the tail has closed, a head can be claimed.
  const seal = tail && (await putSeal(tables, shard, request, tail, request.now()));
  if (tail === undefined || seal === undefined) {
    return undefined;
  }
  const brokenMs = await breakChain(tables, shard, request, seal, tail);
  // Not earlier either: until it is broken, a chain can grow.
  return { ...seal, endMs: Math.max(seal.arrivalMs, brokenMs) };
}

/** Gives an expiry to what stays as long as its stream: the seal, and the fill that broke the chain below it. */
export async function expireSeal(tables: Tables, shard: ShardReference, ttl: number): Promise<void> {
  const last = await newestBatches(tables, shard, { limit: UNEXPIRING, consistent: true });
  for (const { position } of last.filter((batch) => batch.ttl === undefined)) {
    await addExpiry(tables, shard, position, ttl);
  }
}

async function putSeal(
  tables: Tables,
  shard: ShardReference,
  request: SealRequest,
  tail: Tail,
  nowMs: number,
): Promise<EmptyBatch | undefined> {
  let choice: Choice = { position: tail.sealPosition, isTaken: false };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const newest = await newestBatch(tables, shard);
    if (newest?.kind === 'seal') {
      return newest as EmptyBatch;
    }
    const leap = isForgotten(tail, newest, nowMs) ? LEAP : 0;
    const lowest = placeAbove(tail, newest, leap, tries);
    const position = await chosenPosition(tables, shard, choice, { least: tail.nextPosition + leap, lowest });
    if (position === undefined) {
      return undefined;
    }
    const isAhead = tail.claims === 'GUESS' && leap === 0 && position > (newest?.position ?? 0) + 1;
    const seal = sealAt({ position, nowMs, isAhead }, request, tail, newest);
    const outcome = await putBatch(tables, shard, seal);
    if (outcome.kind === 'written') {
      return seal;
    }
    if (outcome.by?.kind === 'seal') {
      return outcome.by as EmptyBatch;
    }
    choice = { position, isTaken: true };
  }
  throw new Error('the shard could not be sealed: its end kept moving');
}

/** The chosen position of the seal, and whether a batch was found there. */
interface Choice {
  readonly position: number | undefined;
  readonly isTaken: boolean;
}

/**
 * CHOOSE: keeps the current choice, unless it is taken, or is below what may have been used.
 * @param lowest the position to choose instead
 * @returns undefined when the tail is gone
 */
async function chosenPosition(
  tables: Tables,
  shard: ShardReference,
  { position, isTaken }: Choice,
  { least, lowest }: { readonly least: number; readonly lowest: number },
): Promise<number | undefined> {
  return position !== undefined && !isTaken && position >= least
    ? position
    : chooseSealPosition(tables, shard, lowest, position);
}

/** A position for the seal. The writers of a chain are as fast as a sealer, so it has to get ahead of them. */
function placeAbove(tail: Tail, newest: Batch | undefined, leap: number, tries: number): number {
  const lowest = Math.max(tail.nextPosition + leap, (newest?.position ?? 0) + 1);
  return lowest + (tail.claims === 'GUESS' ? Math.min(2 ** tries - 1, MAX_AHEAD) : 0);
}

function sealAt(
  { position, nowMs, isAhead }: { readonly position: number; readonly nowMs: number; readonly isAhead: boolean },
  { writer, ttl }: SealRequest,
  tail: Tail,
  newest: Batch | undefined,
): EmptyBatch {
  // Not before what is reserved and not put yet.
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
 * Fills the one position below a seal that a chain can still take. Otherwise a record that is put after the end of the log could
 * come to stand in it.
 * @returns the latest arrival below the seal, epoch ms
 */
async function breakChain(
  tables: Tables,
  shard: ShardReference,
  { now, writer, ttl }: SealRequest,
  seal: EmptyBatch,
  tail: Tail,
): Promise<number> {
  // The chain can take a position before each fill; it ends at the seal.
  for (let tries = 0; tries <= MAX_AHEAD; tries++) {
    const below = await newestBelow(tables, shard, seal.position);
    const position = chainEnd(tail, below);
    const belowMs = below?.arrivalMs ?? 0;
    if (position === undefined || position >= seal.position) {
      return belowMs;
    }
    const fill: EmptyBatch = {
      kind: 'fill',
      position,
      // Searches by time use it: nothing below arrived later.
      arrivalMs: Math.max(seal.arrivalMs, belowMs, now()),
      beforeMs: seal.beforeMs,
      writer: `${writer}-${position}`,
      ...(ttl !== undefined && { ttl }),
      countedSecond: 0,
      secondRecords: 0,
      secondBytes: 0,
    };
    if ((await putBatch(tables, shard, fill)).kind === 'written') {
      return fill.arrivalMs;
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
