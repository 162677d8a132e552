import { type KinesisClient, ListShardsCommand, ListStreamsCommand } from '@aws-sdk/client-kinesis';

/** A shard as commands use it. */
export interface ShardInfo {
  readonly id: string;
  /** Decimal, inclusive. */
  readonly startingHashKey: string;
  readonly endingHashKey: string;
  /** The shards that it was split or merged from. They may have expired. */
  readonly parents: readonly string[];
  readonly isClosed: boolean;
}

/** Lists every shard that has records or may get some. */
export async function listShards(
  client: KinesisClient,
  StreamName: string,
  abortSignal?: AbortSignal,
): Promise<ShardInfo[]> {
  const shards: ShardInfo[] = [];
  let NextToken: string | undefined;
  do {
    const input = NextToken === undefined ? { StreamName } : { NextToken };
    const page = await client.send(new ListShardsCommand(input), abortSignal && { abortSignal });
    for (const {
      ShardId = '',
      HashKeyRange,
      SequenceNumberRange,
      ParentShardId,
      AdjacentParentShardId,
    } of page.Shards ?? []) {
      shards.push({
        id: ShardId,
        startingHashKey: HashKeyRange?.StartingHashKey ?? '0',
        endingHashKey: HashKeyRange?.EndingHashKey ?? '0',
        parents: [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined),
        isClosed: SequenceNumberRange?.EndingSequenceNumber !== undefined,
      });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return shards;
}

/** Lists the names of all streams. */
export async function listStreamNames(client: KinesisClient): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const last = names.at(-1);
    const page = await client.send(
      new ListStreamsCommand(last === undefined ? {} : { ExclusiveStartStreamName: last }),
    );
    names.push(...(page.StreamNames ?? []));
    if (!page.HasMoreStreams || page.StreamNames?.length === 0) {
      return names;
    }
  }
}
