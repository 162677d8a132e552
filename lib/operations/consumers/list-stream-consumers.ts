import { streamNotFound } from '../../faults.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream, isCreationOf } from '../../resources/addressed-stream.ts';
import { requireUsable } from '../../resources/change-stream.ts';
import { liveConsumers } from '../../resources/existing-consumer.ts';
import { existingStream } from '../../resources/existing-stream.ts';
import { decryptPageToken, encryptPageToken } from '../../resources/page-token.ts';
import { NextToken, StreamArn, StreamId } from '../../schema/shapes.ts';
import { integer, list, required, structure, timestamp } from '../../schema/structure.ts';
import { operation } from '../operation.ts';
import { ConsumerShape, describedConsumer } from './described-consumer.ts';

/** The default, and the most that a page has. */
const MAX_CONSUMERS = 100;

const TOKEN_PURPOSE = 'ListStreamConsumers';

interface ConsumerPage {
  readonly streamId: string;
  /** The list begins after this name. */
  readonly after: string;
}

/**
 * Lists a stream's consumers by name.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreamConsumers.html
 */
export const listStreamConsumers = operation({
  name: 'ListStreamConsumers',
  input: structure({
    StreamARN: required(StreamArn),
    NextToken: NextToken,
    MaxResults: integer({ min: 1, max: 10_000 }),
    StreamCreationTimestamp: timestamp,
    StreamId: StreamId,
  }),
  output: structure({ Consumers: list(ConsumerShape), NextToken: NextToken }),
  faults: [
    'ResourceNotFoundException',
    'InvalidArgumentException',
    'LimitExceededException',
    'ExpiredNextTokenException',
    'ResourceInUseException',
  ],
  rate: { callsPerSecond: 5, per: 'stream' },
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const page =
      input.NextToken === undefined
        ? undefined
        : await decryptPageToken<ConsumerPage>(TOKEN_PURPOSE, input.NextToken, deps);
    const stream = await existingStream(reference, deps);
    const isOther = page !== undefined && page.streamId !== stream.id;
    if (isOther || !isCreationOf(stream, input.StreamCreationTimestamp)) {
      throw streamNotFound(reference);
    }
    requireUsable(stream, reference);
    const after = page?.after ?? '';
    const following = (await liveConsumers(stream, deps)).filter(({ consumer }) => consumer.name > after);
    const shown = following.slice(0, Math.min(input.MaxResults ?? MAX_CONSUMERS, MAX_CONSUMERS));
    const next = { streamId: stream.id, after: shown.at(-1)?.consumer.name ?? '' };
    return {
      Consumers: shown.map(({ consumer, status }) => describedConsumer(consumer, status, stream.name, deps)),
      ...(shown.length < following.length && { NextToken: await encryptPageToken(TOKEN_PURPOSE, next, deps) }),
    };
  },
});
