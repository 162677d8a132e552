import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { FIRST_POSITION } from '../model/position.ts';
import { type Conditional, conditionally, getConsistently } from './condition.ts';
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
  readonly nowMs: number;
  readonly records: number;
  readonly bytes: number;
  readonly admission:
    | { readonly second: 'same'; readonly atMostRecords: number; readonly atMostBytes: number }
    | { readonly second: 'new'; readonly atMostBytes: number }
    /** The second before was overdrawn by one large record: what is left of it is carried into this one. */
    | { readonly second: 'overdrawn'; readonly seen: SecondCounts; readonly carriedBytes: number };
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

export async function getTail(tables: Tables, shard: ShardReference): Promise<Tail | undefined> {
  return (await getConsistently(tables, tables.streams, tailKey(shard))) as Tail | undefined;
}

/**
 * RESERVE: takes the next position, if the shard is open and its limits admit the records: one write unit.
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
    ConditionExpression: `shardState = :open AND ${condition}`,
    UpdateExpression: `SET nextPosition = nextPosition + :one, reservedMs = :now, ${counts}`,
    ExpressionAttributeValues: { ':open': 'OPEN', ':one': 1, ':now': request.nowMs, ...values },
    ReturnValues: 'ALL_OLD',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  return conditionally(tables, tables.streams, tailKey(shard), async () => {
    const { Attributes } = await tables.client.send(update);
    return Attributes as unknown as Tail;
  });
}

interface AdmissionExpressions {
  readonly condition: string;
  readonly counts: string;
  readonly values: Record<string, number>;
}

function admissionExpressions({ admission, nowMs, records, bytes }: ReservationRequest): AdmissionExpressions {
  const second = Math.floor(nowMs / 1000);
  const restart = 'countedSecond = :second, secondRecords = :records, secondBytes = :bytes';
  switch (admission.second) {
    case 'same':
      return {
        condition: 'countedSecond >= :second AND secondRecords <= :atMostRecords AND secondBytes <= :atMostBytes',
        counts: 'secondRecords = secondRecords + :records, secondBytes = secondBytes + :bytes',
        values: {
          ':second': second,
          ':atMostRecords': admission.atMostRecords,
          ':atMostBytes': admission.atMostBytes,
          ':records': records,
          ':bytes': bytes,
        },
      };
    case 'new':
      return {
        condition: 'countedSecond < :second AND secondBytes <= :atMostBytes',
        counts: restart,
        values: { ':second': second, ':atMostBytes': admission.atMostBytes, ':records': records, ':bytes': bytes },
      };
    case 'overdrawn':
      return {
        condition: 'countedSecond = :seenSecond AND secondBytes = :seenBytes',
        counts: restart,
        values: {
          ':second': second,
          ':seenSecond': admission.seen.countedSecond,
          ':seenBytes': admission.seen.secondBytes,
          ':records': records,
          ':bytes': admission.carriedBytes + bytes,
        },
      };
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
