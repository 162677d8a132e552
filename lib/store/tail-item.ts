import { FIRST_POSITION } from '../model/position.ts';
import { type Conditional, conditionally } from './condition.ts';
import { type AdmissionRequest, admissionExpressions, type Expressions, type SecondCounts } from './second-counts.ts';
import { type ShardReference, tailKey } from './table.ts';
import type { PutInput, UpdateInput } from './table-client.ts';
import type { Tables } from './tables.ts';

/** Gives a shard's positions, and says how they are claimed. */
export interface Tail extends SecondCounts {
  /** PENDING: the shard's parents are not closed yet. Only an OPEN tail gives positions. */
  readonly shardState: 'PENDING' | 'OPEN' | 'CLOSED';
  /**
   * How positions are claimed (docs/log.md#writers). RESERVE: by this item. GUESS: above the chain that began at the position
   * below `nextPosition`, without asking this item.
   */
  readonly claims: 'RESERVE' | 'GUESS';
  /** The position that the next reservation takes. */
  readonly nextPosition: number;
  /** When the last reservation was made, epoch ms. */
  readonly reservedMs: number;
  /** Where the one seal of the log is put, once that has been chosen. */
  readonly sealPosition?: number;
}

/** Which position a reservation takes, and what it does to the way in which positions are claimed. */
export type PositionRequest =
  /** The next one. */
  | { readonly kind: 'next' }
  /** The next one, if it is the expected one, as the head of a chain: from then on positions are guessed. */
  | { readonly kind: 'head'; readonly expected: number }
  /** The one above a chain, which goes on with it as its new head. */
  | { readonly kind: 'renewal'; readonly position: number }
  /** The one above the last link of a chain: from then on positions are reserved. */
  | { readonly kind: 'end of chain'; readonly position: number }
  /** The next one but `distance`, as a new head in place of one whose time is over. */
  | { readonly kind: 'new head'; readonly distance: number; readonly restedSinceMs: number };

/** What a reservation takes, what it adds to the second's counts, and how much may have been counted before it. */
export interface ReservationRequest {
  readonly take: PositionRequest;
  /** Told as `reservedMs`; never before that of the reservation before, epoch ms. */
  readonly reservedMs: number;
  readonly admission: AdmissionRequest;
}

/** Writes the tail of a new shard unless it is there: a step that runs twice must not set an advancing tail back. */
export async function putNewTail(
  tables: Tables,
  shard: ShardReference,
  tail: Pick<Tail, 'shardState' | 'reservedMs'>,
): Promise<void> {
  const counts: SecondCounts = { countedSecond: 0, secondRecords: 0, secondBytes: 0 };
  const start: Tail = { ...tail, claims: 'RESERVE', nextPosition: FIRST_POSITION, ...counts };
  const put: PutInput = {
    TableName: tables.streams,
    Item: { ...tailKey(shard), ...start },
    ConditionExpression: 'attribute_not_exists(pk)',
  };
  await conditionally(tables, tables.streams, tailKey(shard), () => tables.client.put(put));
}

/**
 * RESERVE: takes a position, if the shard is open and its limits admit the records: one write unit. Times of reservations
 * never go back, so that each bounds all before it.
 * @returns when the condition held, the tail as it was; else the tail that refused
 */
export async function reservePosition(
  tables: Tables,
  shard: ShardReference,
  { take, reservedMs, admission }: ReservationRequest,
): Promise<Conditional<Tail>> {
  const position = positionExpressions(take);
  const counts = admissionExpressions(admission);
  const update: UpdateInput = {
    TableName: tables.streams,
    Key: tailKey(shard),
    ConditionExpression: [
      'shardState = :open',
      'reservedMs <= :reserved',
      ...position.conditions,
      ...counts.conditions,
    ].join(' AND '),
    UpdateExpression: `SET ${['reservedMs = :reserved', ...position.sets, ...counts.sets].join(', ')}`,
    ExpressionAttributeValues: { ':open': 'OPEN', ':reserved': reservedMs, ...position.values, ...counts.values },
    ReturnValues: 'ALL_OLD',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
  return conditionally(tables, tables.streams, tailKey(shard), async () => {
    const { Attributes } = await tables.client.update(update);
    return Attributes as unknown as Tail;
  });
}

/** As a condition, or as what is set. */
const RESERVING = 'claims = :reserve';
const GUESSING = 'claims = :guess';

function positionExpressions(take: PositionRequest): Expressions {
  switch (take.kind) {
    case 'next':
      return {
        conditions: [RESERVING],
        sets: ['nextPosition = nextPosition + :taken'],
        values: { ':reserve': 'RESERVE', ':taken': 1 },
      };
    case 'head':
      return {
        conditions: [RESERVING, 'nextPosition = :expected'],
        sets: [GUESSING, 'nextPosition = nextPosition + :taken'],
        values: { ':reserve': 'RESERVE', ':guess': 'GUESS', ':expected': take.expected, ':taken': 1 },
      };
    case 'renewal':
      return {
        conditions: [GUESSING, 'nextPosition <= :position'],
        sets: ['nextPosition = :next'],
        values: { ':guess': 'GUESS', ':position': take.position, ':next': take.position + 1 },
      };
    case 'end of chain':
      return {
        conditions: [GUESSING, 'nextPosition <= :position'],
        sets: [RESERVING, 'nextPosition = :next'],
        values: { ':guess': 'GUESS', ':reserve': 'RESERVE', ':position': take.position, ':next': take.position + 1 },
      };
    case 'new head':
      return {
        conditions: [GUESSING, 'reservedMs < :restedSince'],
        sets: ['nextPosition = nextPosition + :taken'],
        values: { ':guess': 'GUESS', ':restedSince': take.restedSinceMs, ':taken': take.distance + 1 },
      };
  }
}

/** The position that a reservation took. @param old the tail as it was before */
export function takenPosition(take: PositionRequest, old: Tail): number {
  switch (take.kind) {
    case 'next':
    case 'head':
      return old.nextPosition;
    case 'renewal':
    case 'end of chain':
      return take.position;
    case 'new head':
      return old.nextPosition + take.distance;
  }
}
