import { shardId } from '../../model/shard.ts';
import { unexpiredShards } from '../../model/shard-filter.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { describedShard } from '../../resources/described-shard.ts';
import { existingStreamWithShards } from '../../resources/existing-stream.ts';
import { Shard, ShardId, StreamArn, StreamId, StreamName, streamDescriptionMembers } from '../../schema/shapes.ts';
import { boolean, integer, list, required, structure } from '../../schema/structure.ts';
import { operation } from '../operation.ts';
import { describedStream } from './described-stream.ts';

/** The most that a page has. */
const MAX_SHARDS = 100;

/** Describes a stream and its shards. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStream.html */
export const describeStream = operation({
  name: 'DescribeStream',
  input: structure({
    Limit: integer({ min: 1, max: 10_000 }),
    ExclusiveStartShardId: ShardId,
    StreamName: StreamName,
    StreamARN: StreamArn,
    StreamId: StreamId,
  }),
  output: structure({
    StreamDescription: required(
      structure({
        ...streamDescriptionMembers,
        Shards: required(list(Shard)),
        HasMoreShards: required(boolean),
      }),
    ),
  }),
  faults: ['ResourceNotFoundException', 'LimitExceededException', 'InvalidArgumentException'],
  rate: { callsPerSecond: 10, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const { readAt, stream, shards } = await existingStreamWithShards(addressedStream(input, deps), deps);
    const after = input.ExclusiveStartShardId ?? '';
    const following = unexpiredShards(shards, stream, readAt.wallMs).filter((shard) => shardId(shard.index) > after);
    const limit = Math.min(input.Limit ?? MAX_SHARDS, MAX_SHARDS);
    return {
      StreamDescription: {
        ...describedStream(stream, deps.account),
        Shards: following.slice(0, limit).map(describedShard),
        HasMoreShards: following.length > limit,
      },
    };
  },
});
