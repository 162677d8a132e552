import type { Deps } from '../../deps.ts';
import { KinesisFault, limitExceeded, type StreamReference } from '../../faults.ts';
import { consumerStatus } from '../../model/consumer.ts';
import { commitmentStatus } from '../../quotas/billing-commitment.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { requireUsable } from '../../resources/change-stream.ts';
import { existingStream } from '../../resources/existing-stream.ts';
import { checkTags } from '../../resources/tag-checks.ts';
import { ConsumerName, StreamArn, StreamId, Tags } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { getBillingCommitment } from '../../store/account-settings-item.ts';
import { deleteConsumer, getConsumer, listConsumers, putConsumer } from '../../store/consumer-item.ts';
import { operation } from '../operation.ts';
import { ConsumerShape, describedConsumer } from './described-consumer.ts';

/**
 * Registers a consumer for enhanced fan-out.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html
 */
export const registerStreamConsumer = operation({
  name: 'RegisterStreamConsumer',
  input: structure({
    StreamARN: required(StreamArn),
    ConsumerName: required(ConsumerName),
    StreamId: StreamId,
    Tags: Tags,
  }),
  output: structure({ Consumer: required(ConsumerShape) }),
  faults: ['InvalidArgumentException', 'LimitExceededException', 'ResourceInUseException', 'ResourceNotFoundException'],
  rate: { callsPerSecond: 5, per: 'account' },
  // The consumer does not exist yet: policies are asked about the stream.
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const stream = await existingStream(reference, deps);
    requireUsable(stream, reference);
    const { ConsumerName, Tags = {} } = input;
    const former = await getConsumer(deps.tables, stream.id, ConsumerName);
    if (former !== undefined && consumerStatus(former, deps.now(), deps.transitionMs) !== undefined) {
      throw consumerExists(ConsumerName, reference);
    }
    checkTags(Tags, {}, reference, deps.limits);
    await checkConsumerLimits(stream.id, ConsumerName, reference, deps);
    const consumer = {
      name: ConsumerName,
      // The ARN contains this second: a consumer that is registered again must get another ARN.
      createdSeconds: Math.max(Math.floor(deps.now() / 1000), (former?.createdSeconds ?? 0) + 1),
      registeredMs: deps.now(),
      revision: 1,
      tags: Tags,
      policy: null,
    };
    if (!(await putConsumer(deps.tables, stream.id, consumer, former))) {
      throw consumerExists(ConsumerName, reference);
    }
    return { Consumer: describedConsumer(consumer, 'CREATING', stream.name, deps) };
  },
});

const consumerExists = (name: string, { streamName, accountId }: StreamReference): KinesisFault =>
  new KinesisFault(
    'ResourceInUseException',
    `Consumer ${name} under stream ${streamName} already exists for account ${accountId}.`,
  );

/** How many consumers a stream may have: more while the account has its billing commitment. */
async function consumerLimit(deps: Deps): Promise<number> {
  const { consumersPerStream, consumersPerStreamCommitted } = deps.limits;
  const status = commitmentStatus(await getBillingCommitment(deps.tables), deps.now());
  return status === 'DISABLED' ? consumersPerStream : Math.max(consumersPerStream, consumersPerStreamCommitted);
}

/** Counts the existing consumers, and removes the items of deregistered consumers with other names. */
async function checkConsumerLimits(
  streamId: string,
  newName: string,
  reference: StreamReference,
  deps: Deps,
): Promise<void> {
  const { consumersPerStream, consumersCreating } = deps.limits;
  let live = 0;
  let creating = 0;
  for (const consumer of await listConsumers(deps.tables, streamId)) {
    const status = consumerStatus(consumer, deps.now(), deps.transitionMs);
    if (status !== undefined) {
      live += 1;
      creating += status === 'CREATING' ? 1 : 0;
    } else if (consumer.name !== newName) {
      await deleteConsumer(deps.tables, streamId, consumer);
    }
  }
  const under = `stream ${reference.streamName} under account ${reference.accountId}`;
  if (live >= consumersPerStream) {
    const limit = await consumerLimit(deps);
    if (live >= limit) {
      throw limitExceeded(`${capitalised(under)} already has ${live} registered consumers. Limit: ${limit}.`);
    }
  }
  if (creating >= consumersCreating) {
    throw limitExceeded(
      `${capitalised(under)} already has ${creating} consumers in CREATING. Limit: ${consumersCreating}.`,
    );
  }
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
