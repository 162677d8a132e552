import type { _Record as KinesisRecord } from '@aws-sdk/client-kinesis';
import { readingCost } from '../../client/cost-notice.ts';
import type { Endpoint } from '../../client/endpoint.ts';
import { Failure, sentenceOf } from '../../client/failure.ts';
import { polling } from '../../client/reading/polling.ts';
import { readStream } from '../../client/reading/stream-reader.ts';
import type { TailLine, WireRecord } from '../wire.ts';
import { BadCall, type LineStream } from './answers.ts';
import { namesOf, parseStart, textOf } from './inputs.ts';

/** Opens a stream for reading, and returns what reads it. @throws BadCall for an input that is wrong */
export function parseTail(
  endpoint: Endpoint,
  input: Readonly<Record<string, unknown>>,
): (lines: LineStream) => Promise<void> {
  const stream = textOf(input, 'stream');
  const shards = input.shards === undefined ? undefined : namesOf(input, 'shards');
  const start = parseStart(input.start);
  if ('sequenceNumber' in start && shards?.length !== 1) {
    throw new BadCall('A sequence number is of one shard: name it.');
  }
  return (lines) => tail(endpoint, { stream, shards, start, follow: input.follow === true }, lines);
}

/** Pages of a tail that may be in memory, of up to 10 MiB each. They wait for the page to take them. */
const READS_AT_ONCE = 8;

interface Tail {
  readonly stream: string;
  readonly shards: readonly string[] | undefined;
  readonly start: ReturnType<typeof parseStart>;
  readonly follow: boolean;
}

/**
 * Sends the records of a stream as lines, through its reshards, until the page leaves. It reads no faster than the page: a page that
 * pauses costs nothing.
 */
async function tail(endpoint: Endpoint, { stream, shards, start, follow }: Tail, lines: LineStream): Promise<void> {
  const write = (line: () => TailLine) => lines.write(line);
  try {
    await readStream({
      endpoint,
      stream,
      start,
      source: polling(endpoint, stream, READS_AT_ONCE),
      follow,
      signal: lines.gone,
      shards,
      onShards: (known) => {
        const unknown = shards?.find((shard) => !known.some(({ id }) => id === shard));
        if (unknown !== undefined) {
          throw new Failure(`${stream} has no shard ${unknown}: it has expired, or was never there.`);
        }
        const open = known.filter(({ id, isClosed }) => !isClosed && (shards === undefined || shards.includes(id)));
        const cost = follow ? readingCost(endpoint, open.length, false) : undefined;
        return write(() => ({ type: 'begun', shards: open.length, cost }));
      },
      onPage: ({ shard, records }) =>
        records.length === 0
          ? undefined
          : write(() => ({ type: 'records', shard: shard.id, records: records.map(wireRecord) })),
    });
    await write(() => ({ type: 'ended' }));
  } catch (error) {
    await write(() => ({ type: 'failed', message: sentenceOf(error, endpoint.name) }));
  }
}

const wireRecord = ({
  SequenceNumber = '',
  PartitionKey = '',
  ApproximateArrivalTimestamp,
  Data = new Uint8Array(),
}: KinesisRecord): WireRecord => [
  SequenceNumber,
  PartitionKey,
  ApproximateArrivalTimestamp?.getTime() ?? 0,
  Buffer.from(Data.buffer, Data.byteOffset, Data.length).toString('base64'),
];
