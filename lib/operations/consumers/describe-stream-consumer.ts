import { streamArn } from '../../model/stream.ts';
import { accessesConsumer } from '../../resources/accessed-resource.ts';
import { existingConsumer } from '../../resources/existing-consumer.ts';
import { ConsumerArn, ConsumerName, StreamArn, StreamId } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { operation } from '../operation.ts';
import { ConsumerShape, describedConsumer } from './described-consumer.ts';

/**
 * Describes a registered consumer.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamConsumer.html
 */
export const describeStreamConsumer = operation({
  name: 'DescribeStreamConsumer',
  input: structure({
    StreamARN: StreamArn,
    ConsumerName: ConsumerName,
    ConsumerARN: ConsumerArn,
    StreamId: StreamId,
  }),
  output: structure({
    ConsumerDescription: required(structure({ ...ConsumerShape.members, StreamARN: required(StreamArn) })),
  }),
  faults: ['LimitExceededException', 'ResourceNotFoundException', 'InvalidArgumentException'],
  rate: { callsPerSecond: 20, per: 'stream' },
  accesses: accessesConsumer,
  async handle(input, deps) {
    const { consumer, status, stream } = await existingConsumer(input, deps);
    return {
      ConsumerDescription: {
        ...describedConsumer(consumer, status, stream.name, deps),
        StreamARN: streamArn(deps.account, stream.name),
      },
    };
  },
});
