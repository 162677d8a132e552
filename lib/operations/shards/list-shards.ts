import type { Deps } from '../../deps.ts';
import { invalidArgument, streamNotFound } from '../../faults.ts';
import { shardId } from '../../model/shard.ts';
import { filterShards, type ShardFilter } from '../../model/shard-filter.ts';
import { streamArn } from '../../model/stream.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream, isCreationOf } from '../../resources/addressed-stream.ts';
import { requireUsable } from '../../resources/change-stream.ts';
import { describedShard } from '../../resources/described-shard.ts';
import { existingStreamWithShards } from '../../resources/existing-stream.ts';
import { decryptPageToken, encryptPageToken } from '../../resources/page-token.ts';
import { NextToken, Shard, ShardId, StreamArn, StreamId, StreamName } from '../../schema/shapes.ts';
import { type Infer, integer, list, required, string, structure, timestamp } from '../../schema/structure.ts';
import { operation } from '../operation.ts';

/** The default, and the most that a page has. */
const MAX_SHARDS = 1_000;

const TOKEN_PURPOSE = 'ListShards';

const input = structure({
  MaxResults: integer({ min: 1, max: 10_000 }),
  ExclusiveStartShardId: ShardId,
  StreamName: StreamName,
  NextToken: NextToken,
  StreamCreationTimestamp: timestamp,
  ShardFilter: structure({
    Type: required(
      string({
        enum: ['AFTER_SHARD_ID', 'AT_TRIM_HORIZON', 'FROM_TRIM_HORIZON', 'AT_LATEST', 'AT_TIMESTAMP', 'FROM_TIMESTAMP'],
      }),
    ),
    ShardId: ShardId,
    Timestamp: timestamp,
  }),
  StreamARN: StreamArn,
  StreamId: StreamId,
});

type ListShardsInput = Infer<typeof input>;

/** The list that a page belongs to. The token contains all of it. */
interface Listing {
  readonly streamName: string;
  /** Distinguishes the stream from an earlier one with the same name. */
  readonly streamId: string;
  readonly filter: ShardFilter;
  /** The list begins after this shard id. */
  readonly after: string;
}

/** Lists a stream's shards. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html */
export const listShards = operation({
  name: 'ListShards',
  input,
  output: structure({ Shards: list(Shard), NextToken: NextToken }),
  faults: [
    'ResourceNotFoundException',
    'InvalidArgumentException',
    'LimitExceededException',
    'ExpiredNextTokenException',
    'ResourceInUseException',
  ],
  rate: { callsPerSecond: 1000, per: 'stream' },
  async accesses({ NextToken: token, StreamName, StreamARN }, deps) {
    if (token === undefined) {
      return accessesStream({ StreamName, StreamARN }, deps);
    }
    const page = await decryptPageToken<Listing>(TOKEN_PURPOSE, token, deps);
    return { resource: streamArn(deps.account, page.streamName) };
  },
  async handle(input, deps) {
    checkSelectors(input);
    const page =
      input.NextToken === undefined ? undefined : await decryptPageToken<Listing>(TOKEN_PURPOSE, input.NextToken, deps);
    const reference =
      page === undefined
        ? addressedStream(input, deps)
        : { streamName: page.streamName, accountId: deps.account.accountId };
    const { readAt, stream, shards } = await existingStreamWithShards(reference, deps);
    const isOther = page !== undefined && page.streamId !== stream.id;
    if (isOther || !isCreationOf(stream, input.StreamCreationTimestamp)) {
      throw streamNotFound(reference);
    }
    requireUsable(stream, reference);
    const listing = page ?? {
      streamName: stream.name,
      streamId: stream.id,
      filter: readFilter(input.ShardFilter, deps),
      after: input.ExclusiveStartShardId ?? '',
    };
    const matching = filterShards(shards, listing.filter, stream, readAt.wallMs).filter(
      (shard) => shardId(shard.index) > listing.after,
    );
    const shown = matching.slice(0, Math.min(input.MaxResults ?? MAX_SHARDS, MAX_SHARDS));
    const last = shown.at(-1);
    const rest: Listing | undefined =
      shown.length < matching.length && last ? { ...listing, after: shardId(last.index) } : undefined;
    return {
      Shards: shown.map(describedShard),
      ...(rest && { NextToken: await encryptPageToken(TOKEN_PURPOSE, rest, deps) }),
    };
  },
});

function checkSelectors(input: ListShardsInput): void {
  if (input.NextToken === undefined) {
    if (input.StreamName === undefined && input.StreamARN === undefined) {
      throw invalidArgument('Either NextToken or StreamName should be provided.');
    }
    return;
  }
  const excluded = [
    'StreamName',
    'StreamARN',
    'ExclusiveStartShardId',
    'ShardFilter',
    'StreamCreationTimestamp',
  ] as const;
  const given = excluded.find((member) => input[member] !== undefined);
  if (given !== undefined) {
    throw invalidArgument(`NextToken and ${given} cannot be provided together.`);
  }
}

function readFilter(filter: ListShardsInput['ShardFilter'], deps: Deps): ShardFilter {
  if (filter === undefined) {
    return { type: 'FROM_TRIM_HORIZON' };
  }
  const { Type, ShardId, Timestamp } = filter;
  const takes = (member: string, given: unknown, types: readonly string[]) => {
    if ((given !== undefined) !== types.includes(Type)) {
      const verb = given === undefined ? 'must be' : 'cannot be';
      throw invalidArgument(`${member} ${verb} provided in ShardFilter when Type is ${Type}.`);
    }
  };
  takes('ShardId', ShardId, ['AFTER_SHARD_ID']);
  takes('Timestamp', Timestamp, ['AT_TIMESTAMP', 'FROM_TIMESTAMP']);
  if (Timestamp !== undefined && Timestamp > deps.now()) {
    throw invalidArgument('The Timestamp in ShardFilter cannot be in the future.');
  }
  switch (Type) {
    case 'AT_TIMESTAMP':
    case 'FROM_TIMESTAMP':
      return { type: Type, timestampMs: Timestamp as number };
    case 'AFTER_SHARD_ID':
      return { type: Type, shardId: ShardId as string };
    default:
      return { type: Type };
  }
}
