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
import { boolean, required, structure, timestamp } from '../schema/structure.ts';
import { aboutStream } from './access-subject.ts';
import { addressedShard, addressedStream } from './addressed-stream.ts';
import { enforceReadRate } from './call-rate.ts';
import { endDryRun } from './dry-run.ts';
import { existingShard } from './existing-shard.ts';
import { operation } from './operation.ts';
import { checkStartingPosition, locateStart } from './starting-position.ts';

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
    DryRun: boolean,
  }),
  output: structure({ ShardIterator: ShardIterator }),
  faults: [
    'ResourceNotFoundException',
    'InvalidArgumentException',
    'ProvisionedThroughputExceededException',
    'DryRunOperationException',
    'InternalFailure',
  ],
  about: aboutStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const index = addressedShard(input.ShardId, reference);
    const context = await existingShard(reference, index, deps);
    if (input.DryRun !== true) {
      enforceReadRate({ call: 'GetShardIterator', reference, shardIndex: index }, deps);
    }
    const start = {
      type: input.ShardIteratorType,
      sequenceNumber: input.StartingSequenceNumber,
      timestampMs: input.Timestamp,
    };
    await checkStartingPosition(start, context, deps);
    endDryRun(input, reference, deps);
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
