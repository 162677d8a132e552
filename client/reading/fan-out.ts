import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  type _Record as KinesisRecord,
  RegisterStreamConsumerCommand,
  type StartingPosition,
  SubscribeToShardCommand,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis';
import type { Endpoint } from '../endpoint.ts';
import { waitFor } from '../waiting.ts';
import { reopened, type ShardSource, type ShardStart } from './stream-reader.ts';
import { tipOf } from './tip.ts';

/** The pause before a subscription that failed is tried again, ms. */
const RETRY_MS = 1_000;

/** A registered consumer that reads by subscriptions. */
export interface FanOut {
  readonly source: ShardSource;
  /** Deregisters the consumer. It costs money until then. */
  end(): Promise<void>;
}

/** Registers a consumer of its own for a command, and reads shards by subscriptions. */
export async function fanOut(endpoint: Endpoint, StreamName: string): Promise<FanOut> {
  const { client } = endpoint;
  const { StreamDescriptionSummary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
  const ConsumerName = `rivulet-${process.pid}-${Date.now()}`;
  const { Consumer } = await client.send(
    new RegisterStreamConsumerCommand({ StreamARN: StreamDescriptionSummary?.StreamARN, ConsumerName }),
  );
  const { ConsumerARN } = Consumer ?? {};
  const end = async () => {
    await client.send(new DeregisterStreamConsumerCommand({ ConsumerARN }));
  };
  try {
    await waitFor(`the registration of ${ConsumerName}`, async () => {
      const { ConsumerDescription } = await client.send(new DescribeStreamConsumerCommand({ ConsumerARN }));
      return ConsumerDescription?.ConsumerStatus === 'ACTIVE' ? true : undefined;
    });
    return { source: subscribing(endpoint, ConsumerARN ?? ''), end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Reads shards by SubscribeToShard, one subscription of five minutes after the other. */
const subscribing = ({ client, clock }: Endpoint, ConsumerARN: string): ShardSource => ({
  async *read(shard, start, stopAtTip, signal) {
    const reading: Reading = { from: start, isUpToTip: tipOf(), stopAtTip, outcome: undefined };
    while (!signal.aborted && reading.outcome === undefined) {
      const { toldMs } = clock;
      try {
        const { EventStream = [] } = await client.send(
          new SubscribeToShardCommand({ ConsumerARN, ShardId: shard.id, StartingPosition: positionOf(reading.from) }),
          { abortSignal: signal },
        );
        reading.from = reopened(reading.from, toldMs);
        yield* recordsOf(EventStream, reading);
      } catch (error) {
        if (!signal.aborted && !isPassing(error)) {
          throw error;
        }
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
    return reading.outcome === 'ended';
  },
});

/** How far the subscriptions to one shard have come. */
interface Reading {
  from: ShardStart;
  readonly isUpToTip: ReturnType<typeof tipOf>;
  readonly stopAtTip: boolean;
  /** Undefined: another subscription goes on. */
  outcome: 'ended' | 'at the tip' | undefined;
}

async function* recordsOf(
  events: AsyncIterable<SubscribeToShardEventStream> | Iterable<SubscribeToShardEventStream>,
  reading: Reading,
): AsyncGenerator<readonly KinesisRecord[], void> {
  for await (const { SubscribeToShardEvent: event } of events) {
    if (event === undefined) {
      continue;
    }
    const records: readonly KinesisRecord[] = event.Records ?? [];
    yield records;
    const { ContinuationSequenceNumber: sequenceNumber } = event;
    if (sequenceNumber === undefined || (event.ChildShards?.length ?? 0) > 0) {
      reading.outcome = 'ended';
      return;
    }
    reading.from = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber };
    if (reading.stopAtTip && reading.isUpToTip({ records, behindMs: event.MillisBehindLatest ?? 0 })) {
      reading.outcome = 'at the tip';
      return;
    }
  }
}

/** What another subscription a moment later may not meet. */
const isPassing = (error: unknown): boolean => {
  const { name = '', code = '' } = error as NodeJS.ErrnoException;
  return (
    ['ResourceInUseException', 'LimitExceededException', 'InternalFailureException', 'InternalFailure'].includes(
      name,
    ) || ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'].includes(code)
  );
};

/** Where a subscription starts. */
export const positionOf = (start: ShardStart): StartingPosition => {
  switch (start.type) {
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER':
      return { Type: start.type, SequenceNumber: start.sequenceNumber };
    case 'AT_TIMESTAMP':
      return { Type: start.type, Timestamp: start.timestamp };
    default:
      return { Type: start.type };
  }
};
