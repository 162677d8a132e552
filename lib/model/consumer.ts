import type { ResourceMembers } from './resource.ts';
import { type Account, streamArn } from './stream.ts';

/** A registered consumer of a stream (enhanced fan-out). */
export interface Consumer extends ResourceMembers {
  readonly name: string;
  /** Epoch seconds. The ARN contains it, so a consumer that is registered again has a different ARN. */
  readonly createdSeconds: number;
  /** When it was registered, epoch ms. */
  readonly registeredMs: number;
  /** When it was deregistered, epoch ms. */
  readonly deregisteredMs?: number;
  /** Grows with every change. */
  readonly revision: number;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Consumer.html */
export type ConsumerStatus = 'CREATING' | 'ACTIVE' | 'DELETING';

/**
 * Computes a consumer's status from its stored times. So no workflow has to change it.
 * @param transitionMs how long a consumer stays CREATING, and DELETING
 * @returns undefined when the consumer no longer exists
 */
export function consumerStatus(consumer: Consumer, nowMs: number, transitionMs: number): ConsumerStatus | undefined {
  if (consumer.deregisteredMs !== undefined) {
    return nowMs - consumer.deregisteredMs < transitionMs ? 'DELETING' : undefined;
  }
  return nowMs - consumer.registeredMs < transitionMs ? 'CREATING' : 'ACTIVE';
}

export function consumerArn(account: Account, streamName: string, consumer: Consumer): string {
  return `${streamArn(account, streamName)}/consumer/${consumer.name}:${consumer.createdSeconds}`;
}
