import type { Deps } from '../deps.ts';
import type { Consumer } from '../model/consumer.ts';
import { streamArn } from '../model/stream.ts';
import type { StreamAddress } from './addressed-stream.ts';
import { type ConsumerAddress, consumerResource } from './existing-consumer.ts';

/** What a call is about, as policies see it. Where a call does not say, nobody is allowed it who is not allowed everything. */
export interface AccessedResource {
  /** The ARN of a stream or consumer; `*` for the account as a whole. */
  readonly resource: string;
  /** The ARN of the stream that a consumer belongs to: what is denied of it is denied of its consumers. */
  readonly within?: string;
  /** The consumer, where it had to be read to say so. */
  readonly consumer?: Consumer | undefined;
}

/** Says what a call is about; undefined when it does not say. */
export type FindAccessedResource<I> = (
  input: I,
  deps: Deps,
) => AccessedResource | undefined | Promise<AccessedResource | undefined>;

/** Operations that are about no stream in particular. */
export const accessesAccount = (): AccessedResource => ({ resource: '*' });

/** By name or ARN. What is wrong with an ARN is told by the operation: policies take it as it stands. */
export function accessesStream(
  { StreamName, StreamARN }: StreamAddress,
  { account }: Deps,
): AccessedResource | undefined {
  const resource = StreamARN ?? (StreamName === undefined ? undefined : streamArn(account, StreamName));
  return resource === undefined ? undefined : { resource };
}

/** By its ARN, or by its stream's ARN and its name. */
export async function accessesConsumer(address: ConsumerAddress, deps: Deps): Promise<AccessedResource | undefined> {
  const named = await consumerResource(address, deps);
  return named && { ...accessesResource({ ResourceARN: named.arn }), consumer: named.consumer };
}

/** A stream or a consumer by its ARN. */
export function accessesResource({ ResourceARN }: { readonly ResourceARN: string }): AccessedResource {
  const [, stream] = /^(.*)\/consumer\//.exec(ResourceARN) ?? [];
  return { resource: ResourceARN, ...(stream !== undefined && { within: stream }) };
}
