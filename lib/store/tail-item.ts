import { FIRST_POSITION } from '../model/position.ts';
import { type Conditional, conditionally } from './condition.ts';
import { type AdmissionRequest, admissionExpressions, type Expressions, type SecondCounts } from './second-counts.ts';
import { type ShardReference, tailKey } from './table.ts';
import type { PutInput, UpdateInput } from './table-client.ts';
import type { Tables } from './tables.ts';

/** The item of a shard that gives positions, and says how writers claim them (docs/glossary.md). */
export interface Tail extends SecondCounts {
  /** PENDING: the shard is written, but not opened yet. Only an OPEN tail gives positions. */
  readonly shardState: 'PENDING' | 'OPEN' | 'CLOSED';
  /**
   * How writers claim positions (docs/log.md#writers). RESERVE: by an update of this item. GUESS: above the chain
   * whose head is at `nextPosition` - 1, without a call to this item.
   */
  readonly claims: 'RESERVE' | 'GUESS';
  /** The position that the next reservation takes. In a chain: the position above its head. */
  readonly nextPosition: number;
  /** The time of the last reservation, as its writer set it, epoch ms. It never goes back (docs/log.md#writers). */
  readonly reservedMs: number;
  /** The position of the seal, once a sealer has chosen it. A log has one seal. */
  readonly sealPosition?: number;
}

/** Which position a reservation takes, and how it changes `claims`. */
export type PositionRequest =
  /** The next position. */
  | { readonly kind: 'next' }
  /** The next position, if it is the expected one, as the head of a chain. From then on, writers guess positions. */
  | { readonly kind: 'head'; readonly expected: number }
  /** The position above a chain. It becomes the new head, and the chain continues from it. */
  | { readonly kind: 'renewal'; readonly position: number }
  /** The position above the last link of a chain. From then on, writers reserve positions. */
  | { readonly kind: 'end of chain'; readonly position: number }
  /** The position `distance` above the next one, as a new head. It replaces a head that was reserved too long ago. */
  | { readonly kind: 'new head'; readonly distance: number; readonly restedSinceMs: number };

/** The position that a reservation takes, its time, and how it checks and changes the second's counts. */
export interface ReservationRequest {
  readonly take: PositionRequest;
  /** The new `reservedMs` of the tail, epoch ms. It is never before that of the previous reservation. */
  readonly reservedMs: number;
  readonly admission: AdmissionRequest;
}

/** Writes the tail of a new shard unless it exists: a step that runs twice must not set an advancing tail back. */
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
 * RESERVE: takes a position, if the shard is open and its limits admit the records. It costs one write unit. Times of
 * reservations never go back, so the time of each is at or after the times of all earlier ones.
 * @returns the tail before the update if the condition held; otherwise the tail that made the condition fail
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

/** Each text is used both as a condition and as an assignment. */
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

/** The position that a reservation took. @param old the tail before the reservation */
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
