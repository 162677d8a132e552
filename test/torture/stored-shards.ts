import { type Shard, shardId } from '../../lib/model/shard.ts';
import { listShards } from '../../lib/store/shard-item.ts';
import { getStream } from '../../lib/store/stream-item.ts';
import { batchPartition, type ShardReference } from '../../lib/store/table.ts';
import type { Tables } from '../../lib/store/tables.ts';
import type { ShardEvent } from './history.ts';

/** The shards of a stream, and where their logs end, as they are stored. */
export async function storedShards(tables: Tables, streamName: string): Promise<ShardEvent[]> {
  const stream = await getStream(tables, streamName);
  const events: ShardEvent[] = [];
  for (const shard of stream === undefined ? [] : await listShards(tables, stream.id)) {
    const log = await batchKinds(tables, { streamId: stream?.id ?? '', shardIndex: shard.index });
    events.push(shardEvent(streamName, shard, log));
  }
  return events;
}

function shardEvent(stream: string, shard: Shard, log: readonly StoredBatch[]): ShardEvent {
  const { createdSeconds, closedSeconds, hashKeyRange, parentIndex, adjacentParentIndex } = shard;
  return {
    kind: 'shard',
    stream,
    shardId: shardId(shard.index),
    startingHashKey: hashKeyRange.start.toString(),
    endingHashKey: hashKeyRange.end.toString(),
    parents: [parentIndex, adjacentParentIndex].flatMap((index) => (index === undefined ? [] : shardId(index))),
    createdSeconds,
    ...(closedSeconds !== undefined && { closedSeconds }),
    seals: log.filter(({ kind }) => kind === 'seal').map(({ position }) => position),
    lastPosition: log.at(-1)?.position ?? 0,
  };
}

interface StoredBatch {
  readonly position: number;
  readonly kind: string;
}

async function batchKinds(tables: Tables, shard: ShardReference): Promise<StoredBatch[]> {
  const batches: StoredBatch[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await tables.client.query({
      TableName: tables.records,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': batchPartition(shard) },
      ProjectionExpression: 'sk, kind',
      ConsistentRead: true,
      ...(ExclusiveStartKey && { ExclusiveStartKey }),
    });
    batches.push(...(page.Items ?? []).map(({ sk, kind }) => ({ position: sk as number, kind: kind as string })));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return batches;
}
