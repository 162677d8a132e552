import { StreamArn, StreamId, StreamName, Tags } from '../schema/shapes.ts';
import { required, structure } from '../schema/structure.ts';
import { aboutStream } from './access-subject.ts';
import { addressedStream } from './addressed-stream.ts';
import { operationWithoutOutput } from './operation.ts';
import { changeStreamResource } from './resource.ts';
import { checkTags } from './tag-checks.ts';

/** Adds tags to a stream. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html */
export const addTagsToStream = operationWithoutOutput({
  name: 'AddTagsToStream',
  input: structure({ Tags: required(Tags), StreamName: StreamName, StreamARN: StreamArn, StreamId: StreamId }),
  faults: ['ResourceNotFoundException', 'ResourceInUseException', 'InvalidArgumentException', 'LimitExceededException'],
  rate: { callsPerSecond: 5, per: 'account' },
  about: aboutStream,
  async handle(input, deps) {
    await changeStreamResource(addressedStream(input, deps), deps, 'there', ({ tags }, reference) => {
      checkTags(input.Tags, tags, reference, deps.limits);
      return { tags: { ...tags, ...input.Tags } };
    });
  },
});
