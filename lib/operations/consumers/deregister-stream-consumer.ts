import type { Deps } from '../../deps.ts';
import { internalFailure } from '../../faults.ts';
import { accessesConsumer } from '../../resources/accessed-resource.ts';
import { type ConsumerAddress, existingConsumer } from '../../resources/existing-consumer.ts';
import { ConsumerArn, ConsumerName, StreamArn, StreamId } from '../../schema/shapes.ts';
import { structure } from '../../schema/structure.ts';
import { putConsumer } from '../../store/consumer-item.ts';
import { operationWithoutOutput } from '../operation.ts';

/** Each try fails only if another change of the same consumer was faster. */
const MAX_TRIES = 5;

/**
 * Removes a consumer.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeregisterStreamConsumer.html
 */
export const deregisterStreamConsumer = operationWithoutOutput({
  name: 'DeregisterStreamConsumer',
  input: structure({
    StreamARN: StreamArn,
    ConsumerName: ConsumerName,
    ConsumerARN: ConsumerArn,
    StreamId: StreamId,
  }),
  faults: ['LimitExceededException', 'ResourceNotFoundException', 'InvalidArgumentException'],
  rate: { callsPerSecond: 5, per: 'stream' },
  accesses: accessesConsumer,
  async handle(input, deps) {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      if (await tryToDeregister(input, deps)) {
        return;
      }
    }
    throw internalFailure();
  },
});

async function tryToDeregister(address: ConsumerAddress, deps: Deps): Promise<boolean> {
  const { consumer, status, stream } = await existingConsumer(address, deps);
  return (
    status === 'DELETING' || putConsumer(deps.tables, stream.id, { ...consumer, deregisteredMs: deps.now() }, consumer)
  );
}
