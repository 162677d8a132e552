import { streamNotFound } from '../faults.ts';
import { NextToken, StreamArn, StreamId } from '../schema/shapes.ts';
import { integer, list, required, structure, timestamp } from '../schema/structure.ts';
import { aboutStream } from './access-subject.ts';
import { addressedStream } from './addressed-stream.ts';
import { requireThere } from './change-stream.ts';
import { ConsumerShape, describedConsumer, liveConsumers } from './consumers.ts';
import { existingStream } from './existing-stream.ts';
import { operation } from './operation.ts';
import { openPageToken, sealPageToken } from './page-token.ts';
import { isCreationOf } from './stream-view.ts';

/** The default; more is treated as this many. */
const MAX_CONSUMERS = 100;

const TOKEN_PURPOSE = 'ListStreamConsumers';

interface ConsumerPage {
  readonly streamId: string;
  /** Names up to and with this one are left out. */
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
  about: aboutStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const page =
      input.NextToken === undefined
        ? undefined
        : await openPageToken<ConsumerPage>(TOKEN_PURPOSE, input.NextToken, deps);
    const stream = await existingStream(reference, deps);
    const isOther = page !== undefined && page.streamId !== stream.id;
    if (isOther || !isCreationOf(stream, input.StreamCreationTimestamp)) {
      throw streamNotFound(reference);
    }
    requireThere(stream, reference);
    const after = page?.after ?? '';
    const following = (await liveConsumers(stream, deps)).filter(({ consumer }) => consumer.name > after);
    const shown = following.slice(0, Math.min(input.MaxResults ?? MAX_CONSUMERS, MAX_CONSUMERS));
    const next = { streamId: stream.id, after: shown.at(-1)?.consumer.name ?? '' };
    return {
      Consumers: shown.map(({ consumer, status }) => describedConsumer(consumer, status, stream.name, deps)),
      ...(shown.length < following.length && { NextToken: await sealPageToken(TOKEN_PURPOSE, next, deps) }),
    };
  },
});
