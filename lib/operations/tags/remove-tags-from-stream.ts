import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { checkTagKeys } from '../../resources/tag-checks.ts';
import { changeStreamResource } from '../../resources/tags-and-policy.ts';
import { StreamArn, StreamId, StreamName, TagKeys } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';
import { withoutTags } from './tag-map.ts';

/** Removes tags from a stream. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RemoveTagsFromStream.html */
export const removeTagsFromStream = operationWithoutOutput({
  name: 'RemoveTagsFromStream',
  input: structure({ TagKeys: required(TagKeys), StreamName: StreamName, StreamARN: StreamArn, StreamId: StreamId }),
  faults: ['ResourceNotFoundException', 'ResourceInUseException', 'InvalidArgumentException', 'LimitExceededException'],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    await changeStreamResource(addressedStream(input, deps), deps, 'there', ({ tags }, reference) => {
      checkTagKeys(input.TagKeys, reference);
      return { tags: withoutTags(tags, input.TagKeys) };
    });
  },
});
