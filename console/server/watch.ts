import { SubscribeToShardCommand } from '@aws-sdk/client-kinesis';
import type { Endpoint } from '../../client/endpoint.ts';
import { sentenceOf } from '../../client/failure.ts';
import { positionOf } from '../../client/reading/fan-out.ts';
import type { WatchLine } from '../wire.ts';
import type { LineStream } from './answers.ts';
import { parseStart, textOf } from './inputs.ts';

/** Reads what to subscribe to. @throws BadCall for an input that is wrong */
export function parseWatch(
  endpoint: Endpoint,
  input: Readonly<Record<string, unknown>>,
): (lines: LineStream) => Promise<void> {
  const ConsumerARN = textOf(input, 'consumerArn');
  const ShardId = textOf(input, 'shard');
  const StartingPosition = positionOf(parseStart(input.start));
  return async (lines) => {
    const write = (line: WatchLine) => lines.write(() => line);
    try {
      const { EventStream = [] } = await endpoint.client.send(
        new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition }),
        { abortSignal: lines.gone },
      );
      await write({ type: 'begun' });
      for await (const { SubscribeToShardEvent: event } of EventStream) {
        if (event !== undefined) {
          await write({
            type: 'event',
            records: event.Records?.length ?? 0,
            bytes: (event.Records ?? []).reduce((sum, { Data }) => sum + (Data?.length ?? 0), 0),
            behindMs: event.MillisBehindLatest ?? 0,
            continuation: event.ContinuationSequenceNumber,
            children: (event.ChildShards ?? []).map(({ ShardId: id = '' }) => id),
          });
        }
      }
      await write({ type: 'ended' });
    } catch (error) {
      await write({ type: 'failed', message: sentenceOf(error, endpoint.name) });
    }
  };
}
