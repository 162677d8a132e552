import type { Deps } from '../deps.ts';
import { type FaultCode, internalFailure, type StreamReference } from '../faults.ts';
import { putConsumer } from '../store/consumer-item.ts';
import { addressedStream } from './addressed-stream.ts';
import { changeExistingStream, requireThere } from './change-stream.ts';
import { existingConsumer, isConsumerArn, requireActiveConsumer } from './consumers.ts';
import { existingStream } from './existing-stream.ts';
import type { TagMap } from './tag-checks.ts';

/** What streams and consumers have in common for the operations that take either. */
export interface ResourceMembers {
  readonly tags: TagMap;
  /** The resource policy's text; `null` for none. */
  readonly policy: string | null;
}

/** What each operation on a resource may be answered. */
export const RESOURCE_FAULTS = [
  'ResourceNotFoundException',
  'ResourceInUseException',
  'InvalidArgumentException',
  'LimitExceededException',
  'ValidationException',
  'InternalFailure',
] as const satisfies readonly FaultCode[];

/** Each try loses against another change of the same consumer. */
const MAX_TRIES = 8;

/**
 * A stream or a consumer, by its ARN.
 * @throws KinesisFault ResourceNotFoundException, InvalidArgumentException
 */
export async function existingResource(resourceArn: string, deps: Deps): Promise<ResourceMembers> {
  if (!isConsumerArn(resourceArn)) {
    return existingStream(addressedStream({ StreamARN: resourceArn }, deps), deps);
  }
  const found = await existingConsumer({ ConsumerARN: resourceArn }, deps);
  return found.consumer;
}

/**
 * Changes a stream's or a consumer's tags or policy, on condition that nobody else changed it in between.
 * @param states in which states a stream may be changed: in any, or when it is there: neither CREATING nor DELETING
 * @param decide given the resource as it was read @throws KinesisFault
 * @throws KinesisFault what deciding throws, ResourceNotFoundException, ResourceInUseException for a consumer that is not
 * ACTIVE
 */
export async function changeResource(
  resourceArn: string,
  deps: Deps,
  states: 'any' | 'there',
  decide: (resource: ResourceMembers, reference: StreamReference) => Partial<ResourceMembers>,
): Promise<void> {
  if (!isConsumerArn(resourceArn)) {
    const reference = addressedStream({ StreamARN: resourceArn }, deps);
    await changeExistingStream(reference, deps, (stream) => {
      if (states === 'there') {
        requireThere(stream, reference);
      }
      return decide(stream, reference);
    });
    return;
  }
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const found = await existingConsumer({ ConsumerARN: resourceArn }, deps);
    requireActiveConsumer(found);
    const { consumer, stream, reference } = found;
    const changed = { ...consumer, ...decide(consumer, reference) };
    if (await putConsumer(deps.tables, stream.id, changed, consumer)) {
      return;
    }
  }
  throw internalFailure();
}
