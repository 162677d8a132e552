import { invalidArgument } from '../../faults.ts';
import { streamArn } from '../../model/stream.ts';
import { accessesAccount } from '../../resources/accessed-resource.ts';
import { decryptPageToken, encryptPageToken } from '../../resources/page-token.ts';
import { NextToken, StreamArn, StreamModeDetails, StreamName, StreamStatus } from '../../schema/shapes.ts';
import { boolean, integer, list, required, structure, timestamp } from '../../schema/structure.ts';
import { listStreams as listStreamItems } from '../../store/stream-item.ts';
import { operation } from '../operation.ts';

/** The default, and the most that a page has. */
const MAX_STREAMS = 100;

const TOKEN_PURPOSE = 'ListStreams';

/** Lists streams by name. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreams.html */
export const listStreams = operation({
  name: 'ListStreams',
  input: structure({
    Limit: integer({ min: 1, max: 10_000 }),
    ExclusiveStartStreamName: StreamName,
    NextToken: NextToken,
  }),
  output: structure({
    StreamNames: required(list(StreamName)),
    HasMoreStreams: required(boolean),
    NextToken: NextToken,
    StreamSummaries: list(
      structure({
        StreamName: required(StreamName),
        StreamARN: required(StreamArn),
        StreamStatus: required(StreamStatus),
        StreamModeDetails: StreamModeDetails,
        StreamCreationTimestamp: timestamp,
      }),
    ),
  }),
  faults: ['LimitExceededException', 'ExpiredNextTokenException', 'InvalidArgumentException'],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesAccount,
  async handle(input, deps) {
    if (input.NextToken !== undefined && input.ExclusiveStartStreamName !== undefined) {
      throw invalidArgument('NextToken and ExclusiveStartStreamName cannot be provided together.');
    }
    const after =
      input.NextToken === undefined
        ? input.ExclusiveStartStreamName
        : (await decryptPageToken<{ after: string }>(TOKEN_PURPOSE, input.NextToken, deps)).after;
    const limit = Math.min(input.Limit ?? MAX_STREAMS, MAX_STREAMS);
    const { streams, more } = await listStreamItems(deps.tables, { after, limit });
    return {
      StreamNames: streams.map((stream) => stream.name),
      HasMoreStreams: more,
      ...(more && { NextToken: await encryptPageToken(TOKEN_PURPOSE, { after: streams.at(-1)?.name }, deps) }),
      StreamSummaries: streams.map((stream) => ({
        StreamName: stream.name,
        StreamARN: streamArn(deps.account, stream.name),
        StreamStatus: stream.status,
        StreamModeDetails: { StreamMode: stream.mode },
        StreamCreationTimestamp: stream.createdMs,
      })),
    };
  },
});
