import { accessesResource } from '../../resources/accessed-resource.ts';
import { checkTagKeys } from '../../resources/tag-checks.ts';
import { changeResource, RESOURCE_FAULTS } from '../../resources/tags-and-policy.ts';
import { ResourceArn, StreamId, TagKeys } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';
import { withoutTags } from './tag-map.ts';

/** Removes tags from a stream or a consumer. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UntagResource.html */
export const untagResource = operationWithoutOutput({
  name: 'UntagResource',
  input: structure({ TagKeys: required(TagKeys), ResourceARN: required(ResourceArn), StreamId: StreamId }),
  faults: RESOURCE_FAULTS,
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesResource,
  async handle(input, deps) {
    await changeResource(input.ResourceARN, deps, 'there', ({ tags }, reference) => {
      checkTagKeys(input.TagKeys, reference);
      return { tags: withoutTags(tags, input.TagKeys) };
    });
  },
});
