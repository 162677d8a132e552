import { formatShardIterator } from '../../model/shard-iterator.ts';
import { enforceReadRate } from '../../quotas/call-rate.ts';
import { endDryRun } from '../../quotas/dry-run.ts';
import { checkStartingPosition, locateStart } from '../../reading/starting-position.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedShard, addressedStream } from '../../resources/addressed-stream.ts';
import { existingShard } from '../../resources/existing-shard.ts';
import {
  SequenceNumber,
  ShardId,
  ShardIterator,
  ShardIteratorType,
  StreamArn,
  StreamId,
  StreamName,
} from '../../schema/shapes.ts';
import { boolean, required, structure, timestamp } from '../../schema/structure.ts';
import { operation } from '../operation.ts';

/** Returns an iterator: a place to read a shard from. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html */
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
  accesses: accessesStream,
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
      ShardIterator: formatShardIterator(await deps.tokenCipher(), {
        ...located,
        streamName: reference.streamName,
        streamId: context.stream.id,
        shardIndex: index,
        issuedMs: deps.now(),
      }),
    };
  },
});
