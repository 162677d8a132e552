import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { liveConsumers } from '../../resources/existing-consumer.ts';
import { existingStream } from '../../resources/existing-stream.ts';
import { StreamArn, StreamId, StreamName, streamDescriptionMembers, WarmThroughput } from '../../schema/shapes.ts';
import { integer, required, structure } from '../../schema/structure.ts';
import { operation } from '../operation.ts';
import { describedStream } from './described-stream.ts';

/**
 * Describes a stream without its shards.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamSummary.html
 */
export const describeStreamSummary = operation({
  name: 'DescribeStreamSummary',
  input: structure({ StreamName: StreamName, StreamARN: StreamArn, StreamId: StreamId }),
  output: structure({
    StreamDescriptionSummary: required(
      structure({
        ...streamDescriptionMembers,
        OpenShardCount: required(integer({})),
        ConsumerCount: integer({}),
        WarmThroughput: WarmThroughput,
        MaxRecordSizeInKiB: integer({}),
      }),
    ),
  }),
  faults: ['ResourceNotFoundException', 'LimitExceededException', 'InvalidArgumentException'],
  rate: { callsPerSecond: 20, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const stream = await existingStream(addressedStream(input, deps), deps);
    return {
      StreamDescriptionSummary: {
        ...describedStream(stream, deps.account),
        OpenShardCount: stream.activated ? stream.openShardCount : 0,
        ConsumerCount: (await liveConsumers(stream, deps)).length,
        ...(stream.warmTargetMiBps !== null && {
          WarmThroughput: {
            TargetMiBps: stream.warmTargetMiBps,
            ...(stream.warmMiBps !== null && { CurrentMiBps: stream.warmMiBps }),
          },
        }),
        MaxRecordSizeInKiB: stream.maxRecordKiB,
      },
    };
  },
});
