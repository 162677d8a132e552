import type { Deps } from '../deps.ts';
import { type FaultCode, internalFailure, type StreamReference } from '../faults.ts';
import type { ResourceMembers } from '../model/resource.ts';
import { putConsumer } from '../store/consumer-item.ts';
import { changeStream } from '../store/stream-item.ts';
import { getStreamResource, putStreamResource } from '../store/stream-resource-item.ts';
import { addressedStream } from './addressed-stream.ts';
import { requireUsable } from './change-stream.ts';
import { existingConsumer, isConsumerArn, requireActiveConsumer } from './existing-consumer.ts';
import { existingStream } from './existing-stream.ts';

/** The faults of each operation on a resource. */
export const RESOURCE_FAULTS = [
  'ResourceNotFoundException',
  'ResourceInUseException',
  'InvalidArgumentException',
  'LimitExceededException',
  'ValidationException',
  'InternalFailure',
] as const satisfies readonly FaultCode[];

/** Each try fails only if another change of the same resource was faster. */
const MAX_TRIES = 8;

/**
 * The tags and the policy of a stream or a consumer, by its ARN.
 * @throws KinesisFault ResourceNotFoundException, InvalidArgumentException
 */
export async function existingResource(resourceArn: string, deps: Deps): Promise<ResourceMembers> {
  return isConsumerArn(resourceArn)
    ? (await existingConsumer({ ConsumerARN: resourceArn }, deps)).consumer
    : existingStreamResource(addressedStream({ StreamARN: resourceArn }, deps), deps);
}

/** The tags and the policy of a stream. @throws KinesisFault ResourceNotFoundException */
export async function existingStreamResource(reference: StreamReference, deps: Deps): Promise<ResourceMembers> {
  return getStreamResource(deps.tables, await existingStream(reference, deps));
}

/** The states in which tags or policy may be changed: `any`, or `usable`, which is neither CREATING nor DELETING. */
type ChangeableStates = 'any' | 'there';

/** Decides the changes of a resource, from the resource as it was read. @throws KinesisFault */
type DecideResource = (resource: ResourceMembers, reference: StreamReference) => Partial<ResourceMembers>;

/**
 * Changes a stream's or a consumer's tags or policy, on condition that they have not changed since they were read.
 * @throws KinesisFault what deciding throws, ResourceNotFoundException, ResourceInUseException for a consumer that is not
 * ACTIVE
 */
export async function changeResource(
  resourceArn: string,
  deps: Deps,
  states: ChangeableStates,
  decide: DecideResource,
): Promise<void> {
  if (!isConsumerArn(resourceArn)) {
    await changeStreamResource(addressedStream({ StreamARN: resourceArn }, deps), deps, states, decide);
    return;
  }
  await untilDone(async () => {
    const found = await existingConsumer({ ConsumerARN: resourceArn }, deps);
    requireActiveConsumer(found);
    const { consumer, stream, reference } = found;
    return putConsumer(deps.tables, stream.id, { ...consumer, ...decide(consumer, reference) }, consumer);
  });
}

/** The same for a stream. */
export async function changeStreamResource(
  reference: StreamReference,
  deps: Deps,
  states: ChangeableStates,
  decide: DecideResource,
): Promise<void> {
  await untilDone(async () => {
    const stream = await existingStream(reference, deps);
    if (states === 'there') {
      requireUsable(stream, reference);
    }
    const { revision, ...resource } = await getStreamResource(deps.tables, stream);
    const changed = { ...resource, ...decide(resource, reference) };
    // Before the policy is written, so that no policy is ever ignored.
    const isLookedFor =
      changed.policy === null ||
      stream.mayHavePolicy ||
      (await changeStream(deps.tables, stream, { mayHavePolicy: true }));
    const isDone = isLookedFor && (await putStreamResource(deps.tables, stream, changed, revision));
    deps.catalog.forget(stream.name);
    return isDone;
  });
}

async function untilDone(attempt: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (await attempt()) {
      return;
    }
  }
  throw internalFailure();
}
