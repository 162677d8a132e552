import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { existingStreamResource } from '../../resources/tags-and-policy.ts';
import { StreamArn, StreamId, StreamName, Tag, TagKey } from '../../schema/shapes.ts';
import { boolean, integer, list, required, structure } from '../../schema/structure.ts';
import { operation } from '../operation.ts';
import { describedTags } from './tag-map.ts';

/** Lists a stream's tags by key. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListTagsForStream.html */
export const listTagsForStream = operation({
  name: 'ListTagsForStream',
  input: structure({
    Limit: integer({ min: 1, max: 50 }),
    ExclusiveStartTagKey: TagKey,
    StreamName: StreamName,
    StreamARN: StreamArn,
    StreamId: StreamId,
  }),
  output: structure({ Tags: required(list(Tag)), HasMoreTags: required(boolean) }),
  faults: ['ResourceNotFoundException', 'InvalidArgumentException', 'LimitExceededException'],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const { tags } = await existingStreamResource(addressedStream(input, deps), deps);
    const following = describedTags(tags).filter(({ Key }) => Key > (input.ExclusiveStartTagKey ?? ''));
    const shown = following.slice(0, input.Limit);
    return { Tags: shown, HasMoreTags: shown.length < following.length };
  },
});
