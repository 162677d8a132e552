import { KinesisFault } from '../../faults.ts';
import { accessesResource } from '../../resources/accessed-resource.ts';
import { changeResource, RESOURCE_FAULTS } from '../../resources/tags-and-policy.ts';
import { ResourceArn, StreamId } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';

/**
 * Removes the resource policy of a stream or a consumer.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteResourcePolicy.html
 */
export const deleteResourcePolicy = operationWithoutOutput({
  name: 'DeleteResourcePolicy',
  input: structure({ ResourceARN: required(ResourceArn), StreamId: StreamId }),
  faults: RESOURCE_FAULTS,
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesResource,
  async handle(input, deps) {
    await changeResource(input.ResourceARN, deps, 'any', ({ policy }) => {
      if (policy === null) {
        throw new KinesisFault(
          'ResourceNotFoundException',
          `No resource policy found for resource ARN ${input.ResourceARN}.`,
        );
      }
      return { policy: null };
    });
  },
});
