import { StreamArn, StreamId, StreamName, Tags } from '../schema/shapes.ts';
import { required, structure } from '../schema/structure.ts';
import { aboutStream } from './access-subject.ts';
import { addressedStream } from './addressed-stream.ts';
import { changeExistingStream, requireThere } from './change-stream.ts';
import { operationWithoutOutput } from './operation.ts';
import { checkTags } from './tag-checks.ts';

/** Adds tags to a stream. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_AddTagsToStream.html */
export const addTagsToStream = operationWithoutOutput({
  name: 'AddTagsToStream',
  input: structure({ Tags: required(Tags), StreamName: StreamName, StreamARN: StreamArn, StreamId: StreamId }),
  faults: ['ResourceNotFoundException', 'ResourceInUseException', 'InvalidArgumentException', 'LimitExceededException'],
  rate: { callsPerSecond: 5, per: 'account' },
  about: aboutStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    await changeExistingStream(reference, deps, (stream) => {
      requireThere(stream, reference);
      checkTags(input.Tags, stream.tags, reference, deps.limits);
      return { tags: { ...stream.tags, ...input.Tags } };
    });
  },
});
