import { StreamArn, StreamId, StreamName, TagKeys } from '../schema/shapes.ts';
import { required, structure } from '../schema/structure.ts';
import { aboutStream } from './access-subject.ts';
import { addressedStream } from './addressed-stream.ts';
import { operationWithoutOutput } from './operation.ts';
import { changeStreamResource } from './resource.ts';
import { checkTagKeys, withoutTags } from './tag-checks.ts';

/** Takes tags from a stream. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RemoveTagsFromStream.html */
export const removeTagsFromStream = operationWithoutOutput({
  name: 'RemoveTagsFromStream',
  input: structure({ TagKeys: required(TagKeys), StreamName: StreamName, StreamARN: StreamArn, StreamId: StreamId }),
  faults: ['ResourceNotFoundException', 'ResourceInUseException', 'InvalidArgumentException', 'LimitExceededException'],
  rate: { callsPerSecond: 5, per: 'account' },
  about: aboutStream,
  async handle(input, deps) {
    await changeStreamResource(addressedStream(input, deps), deps, 'there', ({ tags }, reference) => {
      checkTagKeys(input.TagKeys, reference);
      return { tags: withoutTags(tags, input.TagKeys) };
    });
  },
});
