import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Shard } from '../model/shard.ts';
import { conditionally } from './condition.ts';
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

/** All shards of a stream, in every state, in the order of their indexes. */
export async function listShards(tables: Tables, streamId: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await tables.client.send(
      new QueryCommand({
        TableName: tables.streams,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': shardPartition(streamId) },
        ConsistentRead: true,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    shards.push(...(page.Items ?? []).map(decode));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return shards;
}

export async function deleteShard(tables: Tables, streamId: string, shardIndex: number): Promise<void> {
  await tables.client.send(new DeleteCommand({ TableName: tables.streams, Key: shardKey({ streamId, shardIndex }) }));
}
