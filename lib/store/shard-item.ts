import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Shard } from '../model/shard.ts';
import { conditionally } from './condition.ts';
import { queryAll } from './query-all.ts';
import { shardKey, shardPartition } from './table.ts';
import type { Tables } from './tables.ts';

function decode(item: Record<string, unknown>): Shard {
  const { pk: _pk, sk: _sk, startingHashKey, endingHashKey, ...attributes } = item;
  return {
    ...attributes,
    hashKeyRange: { start: BigInt(startingHashKey as string), end: BigInt(endingHashKey as string) },
  } as unknown as Shard;
}

function encode(streamId: string, shard: Shard): Record<string, unknown> {
  const { hashKeyRange, ...attributes } = shard;
  return {
    ...shardKey({ streamId, shardIndex: shard.index }),
    ...attributes,
    // A hash key has 39 digits: one more than a DynamoDB number holds.
    startingHashKey: hashKeyRange.start.toString(),
    endingHashKey: hashKeyRange.end.toString(),
  };
}

/** Writes a shard unless it is there: a step that runs twice must not reopen what has been closed since. */
export async function putNewShard(tables: Tables, streamId: string, shard: Shard): Promise<void> {
  const key = shardKey({ streamId, shardIndex: shard.index });
  const put = new PutCommand({
    TableName: tables.streams,
    Item: encode(streamId, shard),
    ConditionExpression: 'attribute_not_exists(pk)',
  });
  await conditionally(tables, tables.streams, key, () => tables.client.send(put));
}

/** Closes a shard, or opens one that was PENDING. Repeating it changes nothing. */
export async function changeShard(
  tables: Tables,
  streamId: string,
  shardIndex: number,
  changes: { readonly state: 'CLOSED'; readonly closedSeconds: number } | OpenedShard,
): Promise<void> {
  const key = shardKey({ streamId, shardIndex });
  const [time, seconds] =
    changes.state === 'CLOSED' ? ['closedSeconds', changes.closedSeconds] : ['createdSeconds', changes.createdSeconds];
  const update = new UpdateCommand({
    TableName: tables.streams,
    Key: key,
    // A step that is repeated late must not reopen what has been closed since.
    ConditionExpression: changes.state === 'CLOSED' ? 'attribute_exists(pk)' : '#state = :pending',
    UpdateExpression: `SET #state = :state, ${time} = :seconds`,
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: {
      ':state': changes.state,
      ':seconds': seconds,
      ...(changes.state === 'OPEN' && { ':pending': 'PENDING' }),
    },
  });
  await conditionally(tables, tables.streams, key, () => tables.client.send(update));
}

interface OpenedShard {
  readonly state: 'OPEN';
  readonly createdSeconds: number;
}

/** All shards of a stream, in every state, in the order of their indexes. */
export async function listShards(tables: Tables, streamId: string): Promise<Shard[]> {
  return (await queryAll(tables, shardPartition(streamId))).map(decode);
}

export async function deleteShard(tables: Tables, streamId: string, shardIndex: number): Promise<void> {
  await tables.client.send(new DeleteCommand({ TableName: tables.streams, Key: shardKey({ streamId, shardIndex }) }));
}
