import type { Deps } from '../deps.ts';
import { type StreamReference, shardDoesNotExist } from '../faults.ts';
import { shardId } from '../model/shard.ts';
import { formatShardIterator } from '../model/shard-iterator.ts';
import {
  SequenceNumber,
  ShardId,
  ShardIterator,
  ShardIteratorType,
  StreamArn,
  StreamId,
  StreamName,
} from '../schema/shapes.ts';
import { required, structure, timestamp } from '../schema/structure.ts';
import { addressedShard, addressedStream } from './addressed-stream.ts';
import { enforceReadRate } from './call-rate.ts';
import { operation } from './operation.ts';
import { checkStartingPosition, locateStart, type ShardContext } from './starting-position.ts';

/** Gives a place to read a shard from. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html */
export const getShardIterator = operation({
  name: 'GetShardIterator',
  input: structure({
    ShardId: required(ShardId),
    ShardIteratorType: required(ShardIteratorType),
    StartingSequenceNumber: SequenceNumber,
    StreamName: StreamName,
    Timestamp: timestamp,
    StreamARN: StreamArn,
    StreamId: StreamId,
  }),
  output: structure({ ShardIterator: ShardIterator }),
  faults: [
    'ResourceNotFoundException',
    'InvalidArgumentException',
    'ProvisionedThroughputExceededException',
    'InternalFailure',
  ],
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const index = addressedShard(input.ShardId, reference);
    const context = await existingShard(reference, index, deps);
    enforceReadRate({ call: 'GetShardIterator', reference, shardIndex: index }, deps);
    const start = {
      type: input.ShardIteratorType,
      sequenceNumber: input.StartingSequenceNumber,
      timestampMs: input.Timestamp,
    };
    checkStartingPosition(start, context, deps);
    const located = await locateStart(start, context, deps);
    return {
      ShardIterator: formatShardIterator(await deps.seal(), {
        ...located,
        streamName: reference.streamName,
        streamId: context.stream.id,
        shardIndex: index,
        issuedMs: deps.now(),
      }),
    };
  },
});

/**
 * Always looks anew: what a process remembers may be a stream that has been deleted and created again under its name, and an
 * iterator into that one would never come to an end.
 * @throws KinesisFault ResourceNotFoundException in the words for shards, whether stream or shard is missing
 */
async function existingShard(reference: StreamReference, index: number, deps: Deps): Promise<ShardContext> {
  const entry = await deps.catalog.refresh(reference.streamName);
  const shard = entry?.shards.find((candidate) => candidate.index === index);
  if (entry === undefined || shard === undefined) {
    throw shardDoesNotExist(reference, shardId(index));
  }
  return { reference, stream: entry.stream, shard };
}
