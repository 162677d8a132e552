import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Rivulet, startRivulet } from '../../library/index.ts';
import { runCommand, startCommand } from './command-line.ts';
import { until } from './until.ts';

// Importing this file gives a test file a server of its own, with the streams `orders` and `copies`, which is empty before each test.

export let rivulet: Rivulet;
export let kinesis: KinesisClient;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rivulet-cli-'));
  rivulet = await startRivulet({ streams: { orders: 2, copies: 3 } });
  kinesis = new KinesisClient({ ...rivulet.client(), requestHandler: new NodeHttpHandler() });
});

afterEach(() => rivulet.reset());

afterAll(async () => {
  kinesis.destroy();
  await rivulet.close();
  await rm(folder, { recursive: true });
});

export const inFolder = (name: string) => path.join(folder, name);

/** Runs a command at the server of these tests. */
export const run = (parameters: readonly string[], input?: string) =>
  runCommand(parameters, { AWS_ENDPOINT_URL: rivulet.endpoint }, input);

export const start = (parameters: readonly string[], input?: Parameters<typeof startCommand>[2]) =>
  startCommand(parameters, { AWS_ENDPOINT_URL: rivulet.endpoint }, input);

export interface TailedLine {
  readonly partitionKey: string;
  readonly data: unknown;
  readonly encoding: string;
  readonly shard: string;
}

/** What a stream holds, by `tail`. */
export async function tailed(stream: string, ...more: string[]): Promise<TailedLine[]> {
  const { code, output, errors } = await run([
    'tail',
    stream,
    '--since',
    'TRIM_HORIZON',
    '--follow=false',
    '--json',
    ...more,
  ]);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Puts numbers under each of some keys, in order. */
export async function putNumbers(
  from: number,
  to: number,
  keys: readonly string[],
  StreamName = 'orders',
): Promise<void> {
  for (let number = from; number < to; number++) {
    const Records = keys.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from(String(number)) }));
    const { FailedRecordCount } = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    expect(FailedRecordCount).toBe(0);
  }
}

/** The numbers of each key, in the order in which a stream gives them. */
export async function numbersByKey(stream: string): Promise<Record<string, string[]>> {
  const grouped = Object.groupBy(await tailed(stream), ({ partitionKey }) => partitionKey);
  return Object.fromEntries(
    Object.entries(grouped).map(([key, lines]) => [key, (lines ?? []).map(({ data }) => String(data))]),
  );
}

export const active = (StreamName: string) =>
  until(async () => {
    const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }));
    return StreamDescriptionSummary?.StreamStatus === 'ACTIVE';
  });

/** Splits the first shard, merges what came of it with the second one, and scales. */
export async function reshardThrice(StreamName: string): Promise<void> {
  const half = ((2n ** 127n - 1n) / 2n).toString();
  await kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit: '0', NewStartingHashKey: half }));
  await active(StreamName);
  await putNumbers(10, 20, KEYS);
  await kinesis.send(new MergeShardsCommand({ StreamName, ShardToMerge: '3', AdjacentShardToMerge: '1' }));
  await active(StreamName);
  await putNumbers(20, 30, KEYS);
  await kinesis.send(new UpdateShardCountCommand({ StreamName, TargetShardCount: 4, ScalingType: 'UNIFORM_SCALING' }));
  await active(StreamName);
}

export const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
export const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => String(from + index));
export const everyKey = (numbers: readonly string[]) => Object.fromEntries(KEYS.map((key) => [key, numbers]));
