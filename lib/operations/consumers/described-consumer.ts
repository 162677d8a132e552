import type { Deps } from '../../deps.ts';
import { type Consumer, type ConsumerStatus, consumerArn } from '../../model/consumer.ts';
import { ConsumerArn, ConsumerName, ConsumerStatusName } from '../../schema/shapes.ts';
import { required, structure, timestamp } from '../../schema/structure.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Consumer.html */
export const ConsumerShape = structure({
  ConsumerName: required(ConsumerName),
  ConsumerARN: required(ConsumerArn),
  ConsumerStatus: required(ConsumerStatusName),
  ConsumerCreationTimestamp: required(timestamp),
});

export function describedConsumer(consumer: Consumer, status: ConsumerStatus, streamName: string, deps: Deps) {
  return {
    ConsumerName: consumer.name,
    ConsumerARN: consumerArn(deps.account, streamName, consumer),
    ConsumerStatus: status,
    ConsumerCreationTimestamp: consumer.createdSeconds * 1000,
  };
}
