import type { Deps } from '../deps.ts';
import type { Consumer } from '../model/consumer.ts';
import { streamArn } from '../model/stream.ts';
import type { StreamAddress } from './addressed-stream.ts';
import { type ConsumerAddress, consumerResource } from './existing-consumer.ts';

/** The resource that a call accesses, for policies. If a call names none, only principals that are allowed everything may make it. */
export interface AccessedResource {
  /** The ARN of a stream or consumer; `*` for the account as a whole. */
  readonly resource: string;
  /** The ARN of the consumer's stream. A Deny for the stream denies its consumers too. */
  readonly within?: string;
  /** The consumer, if it had to be read to know its ARN. */
  readonly consumer?: Consumer | undefined;
}

/** Finds the resource that a call accesses. Undefined if the call names none. */
export type FindAccessedResource<I> = (
  input: I,
  deps: Deps,
) => AccessedResource | undefined | Promise<AccessedResource | undefined>;

/** For operations of the whole account. */
export const accessesAccount = (): AccessedResource => ({ resource: '*' });

/** A stream by name or ARN. Policies use the ARN unchanged; the operation reports an invalid ARN. */
export function accessesStream(
  { StreamName, StreamARN }: StreamAddress,
  { account }: Deps,
): AccessedResource | undefined {
  const resource = StreamARN ?? (StreamName === undefined ? undefined : streamArn(account, StreamName));
  return resource === undefined ? undefined : { resource };
}

/** A consumer by its ARN, or by its stream's ARN and its name. */
export async function accessesConsumer(address: ConsumerAddress, deps: Deps): Promise<AccessedResource | undefined> {
  const named = await consumerResource(address, deps);
  return named && { ...accessesResource({ ResourceARN: named.arn }), consumer: named.consumer };
}

/** A stream or a consumer by its ARN. */
export function accessesResource({ ResourceARN }: { readonly ResourceARN: string }): AccessedResource {
  const [, stream] = /^(.*)\/consumer\//.exec(ResourceARN) ?? [];
  return { resource: ResourceARN, ...(stream !== undefined && { within: stream }) };
}
