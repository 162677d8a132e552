import { styleText } from 'node:util';
import { tellReadingCost } from '../../client/cost-notice.ts';
import { drained } from '../../client/drained.ts';
import { type Endpoint, openEndpoint } from '../../client/endpoint.ts';
import type { EndpointOptions } from '../../client/endpoint-choice.ts';
import { usage } from '../../client/failure.ts';
import { type FanOut, fanOut } from '../../client/reading/fan-out.ts';
import { polling } from '../../client/reading/polling.ts';
import { listShards, type ShardInfo } from '../../client/reading/shard-map.ts';
import { parseSince } from '../../client/reading/start.ts';
import { type RecordPage, readStream } from '../../client/reading/stream-reader.ts';
import { type DecodedData, decodeRecord } from '../../client/records/decode.ts';
import { nodeCodecs } from '../../client/records/node-codecs.ts';
import { untilInterrupted } from '../interruption.ts';

interface TailOptions extends EndpointOptions {
  readonly since: string;
  readonly shard?: string[] | undefined;
  readonly key?: string[] | undefined;
  readonly grep?: string | undefined;
  readonly fanOut?: true | undefined;
  readonly follow: string | true;
  readonly json?: true | undefined;
}

/** Prints the records of a stream. */
export async function tail(stream: string, options: TailOptions): Promise<void> {
  // What is wrong is told before anything is asked.
  parseSince(options.since);
  const accepts = filterOf(options);
  const follow = options.follow !== 'false';
  const endpoint = await openEndpoint(options);
  const known = await listShards(endpoint.client, stream);
  const start = parseSince(options.since, endpoint.clock.toldMs);
  const shards = options.shard?.map((name) => shardNamed(name, known, stream));
  tellReadingCost(endpoint, known.filter(({ isClosed }) => !isClosed).length, options.fanOut === true);
  const signal = untilInterrupted();
  const consumer = options.fanOut ? await fanOut(endpoint, stream) : undefined;
  try {
    await readStream({
      endpoint,
      stream,
      start,
      source: consumer?.source ?? polling(endpoint, stream),
      follow,
      signal,
      shards,
      onPage: (page) => printPage(page, accepts, options.json === true),
    });
  } finally {
    await endConsumer(consumer, endpoint);
  }
  if (signal.aborted && follow) {
    process.exitCode = 130;
  }
}

async function endConsumer(consumer: FanOut | undefined, { client }: Endpoint): Promise<void> {
  await consumer?.end();
  client.destroy();
}

function shardNamed(name: string, shards: readonly ShardInfo[], stream: string): string {
  const id = /^\d+$/.test(name) ? `shardId-${name.padStart(12, '0')}` : name;
  if (!shards.some((shard) => shard.id === id)) {
    throw usage(`${stream} has no shard ${name}`);
  }
  return id;
}

type Accepts = (partitionKey: string, data: DecodedData) => boolean;

function filterOf({ key, grep }: TailOptions): Accepts {
  let pattern: RegExp | undefined;
  try {
    pattern = grep === undefined ? undefined : new RegExp(grep);
  } catch (error) {
    throw usage(`--grep: ${(error as Error).message}`);
  }
  return (partitionKey, data) =>
    (key === undefined || key.includes(partitionKey)) && (pattern === undefined || pattern.test(textOf(data)));
}

async function printPage({ shard, records }: RecordPage, accepts: Accepts, json: boolean): Promise<void> {
  const lines = records.flatMap(
    ({ PartitionKey = '', Data = new Uint8Array(), SequenceNumber = '', ApproximateArrivalTimestamp }) =>
      decodeRecord(PartitionKey, Data, nodeCodecs)
        .filter(({ partitionKey, data }) => accepts(partitionKey, data))
        .map(({ partitionKey, data }) => {
          const line = {
            arrivedAt: ApproximateArrivalTimestamp?.toISOString() ?? '',
            shard: shard.id,
            partitionKey,
            sequenceNumber: SequenceNumber,
          };
          return json ? forPrograms(line, data) : forPeople(line, data);
        }),
  );
  if (lines.length > 0 && !process.stdout.write(`${lines.join('\n')}\n`)) {
    await drained(process.stdout);
  }
}

interface Line {
  readonly arrivedAt: string;
  readonly shard: string;
  readonly partitionKey: string;
  readonly sequenceNumber: string;
}

const forPrograms = (line: Line, data: DecodedData): string =>
  JSON.stringify({
    ...line,
    encoding: data.encoding === 'binary' ? 'base64' : data.encoding,
    data: data.encoding === 'json' ? data.value : textOf(data),
  });

/** Bytes that are no text are base64. */
const textOf = (data: DecodedData): string =>
  data.encoding === 'binary' ? Buffer.from(data.bytes).toString('base64') : data.text;

/** One line, whatever is in the record: what would act on a terminal is shown as an escape. */
function forPeople({ arrivedAt, shard, partitionKey }: Line, data: DecodedData): string {
  const text = data.encoding === 'json' ? JSON.stringify(data.value) : textOf(data);
  const key = styleText('cyan', harmless(partitionKey));
  const place = styleText('dim', `${arrivedAt.slice(11, 23)} ${shard.replace(/^shardId-0*(?=\d)/, '')}`);
  return `${place} ${key} ${harmless(text)}`;
}

/** Control characters of all kinds, and those that change the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get to a terminal
const ACTING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const harmless = (text: string): string =>
  text.replace(ACTING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
