import type { Deps } from '../deps.ts';
import { invalidArgument, KinesisFault, type StreamReference } from '../faults.ts';
import { type Consumer, type ConsumerStatus, consumerArn, consumerStatus } from '../model/consumer.ts';
import { type Stream, streamArn } from '../model/stream.ts';
import { getConsumer, listConsumers } from '../store/consumer-item.ts';
import { addressedStream } from './addressed-stream.ts';
import { existingStream } from './existing-stream.ts';

/** An existing consumer, with its stream and its status. */
export interface FoundConsumer {
  readonly reference: StreamReference;
  readonly stream: Stream;
  readonly consumer: Consumer;
  readonly status: ConsumerStatus;
}

/** The members with which a request names a consumer. */
export interface ConsumerAddress {
  readonly StreamARN?: string | undefined;
  readonly ConsumerName?: string | undefined;
  readonly ConsumerARN?: string | undefined;
}

/** A stream's existing consumers, in the order of their names. */
export async function liveConsumers(
  stream: Stream,
  deps: Deps,
): Promise<{ readonly consumer: Consumer; readonly status: ConsumerStatus }[]> {
  const consumers = await listConsumers(deps.tables, stream.id);
  return consumers.flatMap((consumer) => {
    const status = consumerStatus(consumer, deps.now(), deps.transitionMs);
    return status === undefined ? [] : [{ consumer, status }];
  });
}

/**
 * The consumer that a request names: by its ARN, by its stream's ARN and its name, or by all three if they agree.
 * @throws KinesisFault InvalidArgumentException, ResourceNotFoundException
 */
export async function existingConsumer(address: ConsumerAddress, deps: Deps): Promise<FoundConsumer> {
  const { StreamARN, ConsumerName, ConsumerARN } = address;
  if (ConsumerARN === undefined) {
    if (StreamARN === undefined || ConsumerName === undefined) {
      throw invalidArgument('Either ConsumerARN or both StreamARN and ConsumerName must be provided.');
    }
    return findConsumer(addressedStream({ StreamARN }, deps), ConsumerName, ConsumerName, deps);
  }
  const { reference, name, created } = addressedConsumer(ConsumerARN, deps);
  const agrees =
    (StreamARN === undefined || StreamARN === streamArn(deps.account, reference.streamName)) &&
    (ConsumerName === undefined || ConsumerName === name);
  if (!agrees) {
    throw invalidArgument(`ConsumerARN ${ConsumerARN} does not match StreamARN and ConsumerName.`);
  }
  const found = await findConsumer(reference, name, ConsumerARN, deps);
  if (String(found.consumer.createdSeconds) !== created) {
    throw consumerNotFound(ConsumerARN, reference);
  }
  return found;
}

/** Whether an ARN names a consumer rather than a stream. */
export const isConsumerArn = (arn: string): boolean => arn.includes('/consumer/');

/**
 * @param whose the consumer's stream and account, in the words of the operation's message
 * @throws KinesisFault ResourceInUseException unless the consumer is ACTIVE
 */
export function requireActiveConsumer(
  { consumer, status, reference }: FoundConsumer,
  whose = ({ streamName, accountId }: StreamReference) => `stream ${streamName} and account ${accountId}`,
): void {
  if (status !== 'ACTIVE') {
    throw new KinesisFault(
      'ResourceInUseException',
      `Consumer ${consumer.name} with creation timestamp ${consumer.createdSeconds} under ${whose(reference)} ` +
        'is not in ACTIVE status.',
    );
  }
}

function addressedConsumer(arn: string, deps: Deps) {
  const [, stream = '', name = '', created = ''] = /^(.*)\/consumer\/([^/:]*):(\d+)$/.exec(arn) ?? [];
  if (name === '') {
    throw invalidArgument(`Invalid consumer ARN ${arn}.`);
  }
  return { reference: addressedStream({ StreamARN: stream }, deps), name, created };
}

async function findConsumer(
  reference: StreamReference,
  name: string,
  asGiven: string,
  deps: Deps,
): Promise<FoundConsumer> {
  const stream = await existingStream(reference, deps);
  const consumer = await getConsumer(deps.tables, stream.id, name);
  const status = consumer && consumerStatus(consumer, deps.now(), deps.transitionMs);
  if (consumer === undefined || status === undefined) {
    throw consumerNotFound(asGiven, reference);
  }
  return { reference, stream, consumer, status };
}

/** The fault for a missing consumer, with the name that the client used. */
export const consumerNotFound = (asGiven: string, { accountId }: StreamReference): KinesisFault =>
  new KinesisFault('ResourceNotFoundException', `Consumer ${asGiven}, account ${accountId} not found.`);

/**
 * The ARN of the consumer that a request names, for policies. It has the time of creation, which a request by name does not have.
 * If there is no such consumer, the ARN has a wildcard instead: the response reveals nothing.
 * @returns the ARN, and the consumer if it was read. Undefined if the request names no consumer
 */
export async function consumerResource(
  { StreamARN, ConsumerName, ConsumerARN }: ConsumerAddress,
  deps: Deps,
): Promise<{ readonly arn: string; readonly consumer?: Consumer | undefined } | undefined> {
  const arn = ConsumerARN ?? StreamARN;
  if (ConsumerARN !== undefined || StreamARN === undefined || ConsumerName === undefined) {
    return arn === undefined ? undefined : { arn };
  }
  const streamName = StreamARN.slice(StreamARN.indexOf('stream/') + 'stream/'.length);
  const seen = StreamARN === streamArn(deps.account, streamName) ? await deps.catalog.look(streamName) : undefined;
  const consumer = seen && (await getConsumer(deps.tables, seen.stream.id, ConsumerName));
  return consumer === undefined
    ? { arn: `${StreamARN}/consumer/${ConsumerName}:*` }
    : { arn: consumerArn(deps.account, streamName, consumer), consumer };
}
