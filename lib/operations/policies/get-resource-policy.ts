import { accessesResource } from '../../resources/accessed-resource.ts';
import { existingResource, RESOURCE_FAULTS } from '../../resources/tags-and-policy.ts';
import { ResourceArn, StreamId } from '../../schema/shapes.ts';
import { required, string, structure } from '../../schema/structure.ts';
import { operation } from '../operation.ts';

/**
 * Returns the resource policy of a stream or a consumer; `{}` if it has none.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetResourcePolicy.html
 */
export const getResourcePolicy = operation({
  name: 'GetResourcePolicy',
  input: structure({ ResourceARN: required(ResourceArn), StreamId: StreamId }),
  output: structure({ Policy: required(string({})) }),
  faults: RESOURCE_FAULTS,
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesResource,
  async handle(input, deps) {
    return { Policy: (await existingResource(input.ResourceARN, deps)).policy ?? '{}' };
  },
});
