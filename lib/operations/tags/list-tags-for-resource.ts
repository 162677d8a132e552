import { accessesResource } from '../../resources/accessed-resource.ts';
import { existingResource, RESOURCE_FAULTS } from '../../resources/tags-and-policy.ts';
import { ResourceArn, StreamId, Tag } from '../../schema/shapes.ts';
import { list, required, structure } from '../../schema/structure.ts';
import { operation } from '../operation.ts';
import { describedTags } from './tag-map.ts';

/**
 * Lists the tags of a stream or a consumer.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForResource.html
 */
export const listTagsForResource = operation({
  name: 'ListTagsForResource',
  input: structure({ ResourceARN: required(ResourceArn), StreamId: StreamId }),
  output: structure({ Tags: list(Tag) }),
  faults: RESOURCE_FAULTS,
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesResource,
  async handle(input, deps) {
    return { Tags: describedTags((await existingResource(input.ResourceARN, deps)).tags) };
  },
});
