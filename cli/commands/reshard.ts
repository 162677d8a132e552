import {
  type KinesisClient,
  MergeShardsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { openEndpoint } from '../../client/endpoint.ts';
import type { EndpointOptions } from '../../client/endpoint-choice.ts';
import { Failure, usage } from '../../client/failure.ts';
import { listShards, type ShardInfo } from '../../client/reading/shard-map.ts';
import { wholeNumber } from '../numbers.ts';
import { counted } from '../output.ts';
import { untilActive } from './streams.ts';

interface SplitOptions extends EndpointOptions {
  readonly at?: string | undefined;
}

/** Splits a shard, and waits. */
export async function split(StreamName: string, shardName: string, { at, ...where }: SplitOptions): Promise<void> {
  if (at !== undefined && !/^\d{1,39}$/.test(at)) {
    throw usage(`--at must be a hash key from 0 to 2^128 - 1, not '${at}'`);
  }
  const { client } = await openEndpoint(where);
  const shard = await openShardOf(client, StreamName, shardName);
  const middle = (BigInt(shard.startingHashKey) + BigInt(shard.endingHashKey) + 1n) / 2n;
  const NewStartingHashKey = at ?? middle.toString();
  await client.send(new SplitShardCommand({ StreamName, ShardToSplit: shard.id, NewStartingHashKey }));
  await tellShards(client, StreamName);
}

/** Merges two neighbours, and waits. */
export async function merge(StreamName: string, names: [string, string], where: EndpointOptions): Promise<void> {
  const { client } = await openEndpoint(where);
  const [ShardToMerge, AdjacentShardToMerge] = [
    (await openShardOf(client, StreamName, names[0])).id,
    (await openShardOf(client, StreamName, names[1])).id,
  ];
  await client.send(new MergeShardsCommand({ StreamName, ShardToMerge, AdjacentShardToMerge }));
  await tellShards(client, StreamName);
}

/** Changes the number of open shards, and waits. */
export async function scale(StreamName: string, shards: string, where: EndpointOptions): Promise<void> {
  const TargetShardCount = wholeNumber('the number of shards', shards, 1, 1_000_000);
  const { client } = await openEndpoint(where);
  await client.send(new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' }));
  await tellShards(client, StreamName);
}

async function tellShards(client: KinesisClient, StreamName: string): Promise<void> {
  const { OpenShardCount = 0 } = await untilActive(client, StreamName);
  console.log(`${StreamName} is ACTIVE with ${counted(OpenShardCount, 'open shard')}`);
}

/** The open shard that a user names: by its id, or by its number alone. */
async function openShardOf(client: KinesisClient, stream: string, name: string): Promise<ShardInfo> {
  const id = /^\d+$/.test(name) ? `shardId-${name.padStart(12, '0')}` : name;
  const shard = (await listShards(client, stream)).find((one) => one.id === id);
  if (shard === undefined || shard.isClosed) {
    throw new Failure(`${stream} has no open shard ${name}: \`rivulet streams describe ${stream}\` lists them`);
  }
  return shard;
}
