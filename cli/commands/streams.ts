import { createInterface } from 'node:readline/promises';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
  type StreamDescriptionSummary,
} from '@aws-sdk/client-kinesis';
import { openEndpoint } from '../../client/endpoint.ts';
import type { EndpointOptions } from '../../client/endpoint-choice.ts';
import { Failure, usage } from '../../client/failure.ts';
import { inParallel } from '../../client/parallel.ts';
import { measureRate, type Rate } from '../../client/reading/rate.ts';
import { listShards, listStreamNames } from '../../client/reading/shard-map.ts';
import { waitFor } from '../../client/waiting.ts';
import { wholeNumber } from '../numbers.ts';
import { counted, printJson, table } from '../output.ts';

const DEFAULT_RETENTION_HOURS = 24;

interface ListOptions extends EndpointOptions {
  readonly json?: true | undefined;
  readonly rates: boolean;
}

/** Prints every stream of an endpoint. */
export async function list({ json, rates, ...where }: ListOptions): Promise<void> {
  const { client, name } = await openEndpoint(where);
  const names = await listStreamNames(client);
  const found = await inParallel(names, async (StreamName) => {
    const summary = await existingSummary(client, StreamName);
    const isReadable = rates && summary?.StreamStatus !== 'CREATING' && summary?.StreamStatus !== 'DELETING';
    // A stream that is deleted meanwhile has no rate.
    const rate = isReadable ? await measureRate(client, StreamName).catch(() => undefined) : undefined;
    return summary && { summary, rate };
  });
  const rows = found.filter((row) => row !== undefined);
  if (json) {
    for (const { summary, rate } of rows) {
      printJson({ ...described(summary), ...(rate && { rate }) });
    }
    return;
  }
  if (rows.length === 0) {
    console.log(`${name} has no streams. \`rivulet streams create <name> --shards 1\` creates one.`);
    return;
  }
  const head = ['STREAM', 'STATUS', 'MODE', 'OPEN SHARDS', 'RETENTION', ...(rates ? ['RECORDS/S', 'BYTES/S'] : [])];
  const cells = rows.map(({ summary, rate }) => {
    const { stream, status, mode, openShards, retentionHours } = described(summary);
    const own = [stream, status, mode, String(openShards), `${retentionHours} h`];
    return rates ? [...own, ...rateCells(rate)] : own;
  });
  console.log(table(head, cells));
}

const rateCells = (rate: Rate | undefined): string[] =>
  rate === undefined ? ['-', '-'] : [rate.recordsPerSecond.toFixed(1), Math.round(rate.bytesPerSecond).toString()];

const described = (summary: StreamDescriptionSummary) => ({
  stream: summary.StreamName ?? '',
  arn: summary.StreamARN,
  status: summary.StreamStatus ?? '',
  mode: summary.StreamModeDetails?.StreamMode ?? 'PROVISIONED',
  openShards: summary.OpenShardCount,
  retentionHours: summary.RetentionPeriodHours,
  consumers: summary.ConsumerCount,
  createdAt: summary.StreamCreationTimestamp,
});

interface JsonOption extends EndpointOptions {
  readonly json?: true | undefined;
}

/** Prints one stream and its shards. */
export async function describe(stream: string, { json, ...where }: JsonOption): Promise<void> {
  const { client } = await openEndpoint(where);
  const summary = described(await describeSummary(client, stream));
  const shards = await listShards(client, stream);
  if (json) {
    printJson({ ...summary, shards });
    return;
  }
  for (const [name, value] of Object.entries(summary)) {
    console.log(`${name.padEnd(16)}${value instanceof Date ? value.toISOString() : value}`);
  }
  console.log();
  const rows = shards.map((shard) => [
    shard.id,
    shard.isClosed ? 'closed' : 'open',
    shard.startingHashKey,
    shard.endingHashKey,
    shard.parents.join(' '),
  ]);
  console.log(table(['SHARD', 'STATE', 'FIRST HASH KEY', 'LAST HASH KEY', 'PARENTS'], rows));
}

interface CreateOptions extends EndpointOptions {
  readonly shards?: string | undefined;
  readonly retentionHours?: string | undefined;
}

/** Creates a stream, and waits until it is ACTIVE. */
export async function create(StreamName: string, { shards, retentionHours, ...where }: CreateOptions): Promise<void> {
  const ShardCount = shards === undefined ? undefined : wholeNumber('--shards', shards, 1, 1_000_000);
  const hours = retentionHours === undefined ? undefined : wholeNumber('--retention-hours', retentionHours, 24, 8_760);
  const { client } = await openEndpoint(where);
  const mode = ShardCount === undefined ? { StreamModeDetails: { StreamMode: 'ON_DEMAND' as const } } : { ShardCount };
  await client.send(new CreateStreamCommand({ StreamName, ...mode }));
  const { OpenShardCount = 0 } = await untilActive(client, StreamName);
  if (hours !== undefined && hours > DEFAULT_RETENTION_HOURS) {
    await client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName, RetentionPeriodHours: hours }));
    await untilActive(client, StreamName);
  }
  console.log(`${StreamName} is ACTIVE with ${counted(OpenShardCount, 'open shard')}`);
}

interface DeleteOptions extends EndpointOptions {
  readonly yes?: true | undefined;
}

/** Deletes a stream, after its name was typed once more. */
export async function remove(StreamName: string, { yes, ...where }: DeleteOptions): Promise<void> {
  const { client, name } = await openEndpoint(where);
  await describeSummary(client, StreamName);
  if (!yes) {
    await confirm(StreamName, name);
  }
  await client.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true }));
  await waitFor(`deleting ${StreamName}`, async () =>
    (await existingSummary(client, StreamName)) === undefined ? true : undefined,
  );
  console.log(`${StreamName} is deleted`);
}

async function confirm(StreamName: string, endpoint: string): Promise<void> {
  if (process.stdin.isTTY !== true) {
    throw usage(`nobody can be asked here: --yes deletes ${StreamName} without asking`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await terminal.question(`All records of ${StreamName} at ${endpoint} will be lost. Type its name: `);
  terminal.close();
  if (typed.trim() !== StreamName) {
    throw new Failure(`'${typed.trim()}' is not ${StreamName}: nothing was deleted`);
  }
}

/** Waits until a stream is ACTIVE. @throws Failure if that takes too long, or what describing it throws */
export function untilActive(client: KinesisClient, StreamName: string): Promise<StreamDescriptionSummary> {
  return waitFor(`the change of ${StreamName}`, async () => {
    const summary = await describeSummary(client, StreamName);
    return summary.StreamStatus === 'ACTIVE' ? summary : undefined;
  });
}

/** The summary of a stream that may be gone. @returns undefined if it is */
async function existingSummary(
  client: KinesisClient,
  StreamName: string,
): Promise<StreamDescriptionSummary | undefined> {
  try {
    return await describeSummary(client, StreamName);
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') {
      return undefined;
    }
    throw error;
  }
}

/** The summary of a stream. @throws what the endpoint answers */
export async function describeSummary(client: KinesisClient, StreamName: string): Promise<StreamDescriptionSummary> {
  const { StreamDescriptionSummary: summary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
  if (summary === undefined) {
    throw new Failure(`the endpoint did not describe ${StreamName}`);
  }
  return summary;
}
