import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { FIRST_POSITION } from '../model/position.ts';
import { type Conditional, conditionally } from './condition.ts';
import { type ShardReference, tailKey } from './table.ts';
import type { Tables } from './tables.ts';

/** What a shard accepted in one second. */
export interface SecondCounts {
  /** Epoch seconds, by the clock of the writer that began it. */
  readonly countedSecond: number;
  readonly secondRecords: number;
  readonly secondBytes: number;
}

/** The head of a shard's log. */
export interface Tail extends SecondCounts {
  /** PENDING: the shard's parents are not closed yet. Only an OPEN tail gives positions. */
  readonly shardState: 'PENDING' | 'OPEN' | 'CLOSED';
  /** The position that the next reservation takes. */
  readonly nextPosition: number;
  /** When the last reservation was made, epoch ms. */
  readonly reservedMs: number;
}

/** What a reservation adds to the second's counts, and how much may have been counted before it. */
export interface ReservationRequest {
  /** Told as `reservedMs`; never before that of the reservation before, epoch ms. */
  readonly reservedMs: number;
  /** The writer's second, epoch seconds. */
  readonly second: number;
  readonly records: number;
  readonly bytes: number;
  readonly admission:
    | { readonly form: 'same second'; readonly atMostRecords: number; readonly atMostBytes: number }
    | { readonly form: 'new second'; readonly atMostBytes: number }
    /**
     * The counts that were seen are replaced: one large record had overdrawn its second, what is left of it is carried
     * into this one; or a clock that is far ahead had begun a second that is not there yet.
     */
    | { readonly form: 'replace'; readonly seen: SecondCounts; readonly carriedBytes: number }
    /** The records have been counted by an earlier reservation. */
    | { readonly form: 'uncounted' };
}

/** Writes the tail of a new shard unless it is there: a step that runs twice must not set an advancing tail back. */
export async function putNewTail(
  tables: Tables,
  shard: ShardReference,
  tail: Pick<Tail, 'shardState' | 'reservedMs'>,
): Promise<void> {
  const start = { ...tail, nextPosition: FIRST_POSITION, countedSecond: 0, secondRecords: 0, secondBytes: 0 };
  const put = new PutCommand({
    TableName: tables.streams,
    Item: { ...tailKey(shard), ...start },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  await conditionally(tables, tables.streams, tailKey(shard), () => tables.client.send(put));
}

/**
 * RESERVE: takes the next position, if the shard is open and its limits admit the records: one write unit. Times of
 * reservations never go back, so that each bounds all before it.
 * @returns when the condition held, the tail as it was: its `nextPosition` is ours now; else the tail that refused
 */
export async function reservePosition(
  tables: Tables,
  shard: ShardReference,
  request: ReservationRequest,
): Promise<Conditional<Tail>> {
  const { condition, counts, values } = admissionExpressions(request);
  const update = new UpdateCommand({
    TableName: tables.streams,
    Key: tailKey(shard),
    ConditionExpression: ['shardState = :open', 'reservedMs <= :reserved', ...condition].join(' AND '),
    UpdateExpression: `SET ${['nextPosition = nextPosition + :one', 'reservedMs = :reserved', ...counts].join(', ')}`,
    ExpressionAttributeValues: { ':open': 'OPEN', ':one': 1, ':reserved': request.reservedMs, ...values },
    ReturnValues: 'ALL_OLD',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  return conditionally(tables, tables.streams, tailKey(shard), async () => {
    const { Attributes } = await tables.client.send(update);
    return Attributes as unknown as Tail;
  });
}

interface AdmissionExpressions {
  readonly condition: readonly string[];
  readonly counts: readonly string[];
  readonly values: Record<string, number>;
}

const RESTART_COUNTS = ['countedSecond = :second', 'secondRecords = :records', 'secondBytes = :bytes'];

function admissionExpressions({ admission, second, records, bytes }: ReservationRequest): AdmissionExpressions {
  const added = { ':second': second, ':records': records, ':bytes': bytes };
  switch (admission.form) {
    case 'same second':
      return {
        condition: ['countedSecond >= :second', 'secondRecords <= :atMostRecords', 'secondBytes <= :atMostBytes'],
        counts: ['secondRecords = secondRecords + :records', 'secondBytes = secondBytes + :bytes'],
        values: { ...added, ':atMostRecords': admission.atMostRecords, ':atMostBytes': admission.atMostBytes },
      };
    case 'new second':
      return {
        condition: ['countedSecond < :second', 'secondBytes <= :atMostBytes'],
        counts: RESTART_COUNTS,
        values: { ...added, ':atMostBytes': admission.atMostBytes },
      };
    case 'replace':
      return {
        condition: ['countedSecond = :seenSecond', 'secondBytes = :seenBytes'],
        counts: RESTART_COUNTS,
        values: {
          ...added,
          ':seenSecond': admission.seen.countedSecond,
          ':seenBytes': admission.seen.secondBytes,
          ':bytes': admission.carriedBytes + bytes,
        },
      };
    case 'uncounted':
      return { condition: [], counts: [], values: {} };
  }
}

/** Closes a tail: no reservation after this. Repeating it changes nothing. @returns the closed tail, or undefined when gone */
export async function closeTail(tables: Tables, shard: ShardReference): Promise<Tail | undefined> {
  const update = new UpdateCommand({
    TableName: tables.streams,
    Key: tailKey(shard),
    ConditionExpression: 'attribute_exists(pk)',
    UpdateExpression: 'SET shardState = :closed',
    ExpressionAttributeValues: { ':closed': 'CLOSED' },
    ReturnValues: 'ALL_NEW',
  });
  const closed = await conditionally(tables, tables.streams, tailKey(shard), async () => {
    const { Attributes } = await tables.client.send(update);
    return Attributes as unknown as Tail;
  });
  return closed.held ? closed.value : undefined;
}

/** Opens the tail of a shard whose parents are closed. Repeating it changes nothing. */
export async function openTail(tables: Tables, shard: ShardReference): Promise<void> {
  const update = new UpdateCommand({
    TableName: tables.streams,
    Key: tailKey(shard),
    ConditionExpression: 'shardState = :pending',
    UpdateExpression: 'SET shardState = :open',
    ExpressionAttributeValues: { ':pending': 'PENDING', ':open': 'OPEN' },
  });
  await conditionally(tables, tables.streams, tailKey(shard), () => tables.client.send(update));
}

export async function deleteTail(tables: Tables, shard: ShardReference): Promise<void> {
  await tables.client.send(new DeleteCommand({ TableName: tables.streams, Key: tailKey(shard) }));
}
