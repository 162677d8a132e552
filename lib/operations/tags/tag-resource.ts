import { accessesResource } from '../../resources/accessed-resource.ts';
import { checkTags } from '../../resources/tag-checks.ts';
import { changeResource, RESOURCE_FAULTS } from '../../resources/tags-and-policy.ts';
import { ResourceArn, StreamId, Tags } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';

/** Adds tags to a stream or a consumer. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_TagResource.html */
export const tagResource = operationWithoutOutput({
  name: 'TagResource',
  input: structure({ Tags: required(Tags), ResourceARN: required(ResourceArn), StreamId: StreamId }),
  faults: RESOURCE_FAULTS,
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesResource,
  async handle(input, deps) {
    await changeResource(input.ResourceARN, deps, 'there', ({ tags }, reference) => {
      checkTags(input.Tags, tags, reference, deps.limits);
      return { tags: { ...tags, ...input.Tags } };
    });
  },
});
