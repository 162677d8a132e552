import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { checkTags } from '../../resources/tag-checks.ts';
import { changeStreamResource } from '../../resources/tags-and-policy.ts';
import { StreamArn, StreamId, StreamName, Tags } from '../../schema/shapes.ts';
import { required, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';

/** Adds tags to a stream. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html */
export const addTagsToStream = operationWithoutOutput({
  name: 'AddTagsToStream',
  input: structure({ Tags: required(Tags), StreamName: StreamName, StreamARN: StreamArn, StreamId: StreamId }),
  faults: ['ResourceNotFoundException', 'ResourceInUseException', 'InvalidArgumentException', 'LimitExceededException'],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    await changeStreamResource(addressedStream(input, deps), deps, 'there', ({ tags }, reference) => {
      checkTags(input.Tags, tags, reference, deps.limits);
      return { tags: { ...tags, ...input.Tags } };
    });
  },
});
