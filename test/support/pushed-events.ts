import { type SubscriptionEvent, subscriptionEvents } from '../../lib/operations/consumers/subscription.ts';
import { locateStart, type StartingPosition } from '../../lib/reading/starting-position.ts';
import { existingShard } from '../../lib/resources/existing-shard.ts';
import type { ApiInstance } from './api-instance.ts';

/** The events that a subscriber to a stream's first shard gets, before they are encoded as frames. */
export async function* pushedEvents(
  { deps }: ApiInstance,
  streamName: string,
  start: StartingPosition,
): AsyncGenerator<SubscriptionEvent, void> {
  const reference = { streamName, accountId: deps.account.accountId };
  const context = await existingShard(reference, 0, deps);
  const subscription = {
    streamId: context.stream.id,
    consumerName: 'consumer',
    consumerCreatedSeconds: 0,
    shardIndex: 0,
    id: 'subscription',
    startedMs: deps.now(),
  };
  const subscribed = { ...context, start: await locateStart(start, context, deps), subscription };
  yield* subscriptionEvents(subscribed, new AbortController().signal, deps);
}
