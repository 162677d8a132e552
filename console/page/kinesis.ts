import { pause } from '../../client/pause.ts';
import type { HashKeyRange } from '../../client/records/stored-line.ts';
import { type ApiError, call } from './api.ts';

/** The parts of Kinesis' answers that the page shows. Names are those of its API reference; times are epoch s. */

export interface StreamSummary {
  readonly StreamName: string;
  readonly StreamARN?: string;
  readonly StreamStatus?: string;
  readonly StreamModeDetails?: { readonly StreamMode: StreamMode };
  readonly StreamCreationTimestamp?: number;
}

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';

export interface StreamDescription extends StreamSummary {
  readonly StreamARN: string;
  readonly StreamStatus: string;
  readonly RetentionPeriodHours: number;
  readonly OpenShardCount: number;
  readonly ConsumerCount?: number;
  readonly EncryptionType?: 'NONE' | 'KMS';
  readonly KeyId?: string;
  readonly MaxRecordSizeInKiB?: number;
}

export interface Shard {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  readonly SequenceNumberRange: { readonly StartingSequenceNumber: string; readonly EndingSequenceNumber?: string };
}

export interface Consumer {
  readonly ConsumerName: string;
  readonly ConsumerARN: string;
  readonly ConsumerStatus: string;
  readonly ConsumerCreationTimestamp: number;
}

export interface Tag {
  readonly Key: string;
  readonly Value?: string;
}

/** The most pages that one list of the page takes. */
const MAX_PAGES = 100;

/** Kinesis allows few lists a second: a page of one that is refused for that is asked for again, after a pause, ms. */
const MAX_TRIES = 5;
const REFUSED_PAUSE_MS = 1_000;

async function pageOf<T>(operation: string, input: object, signal: AbortSignal | undefined): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call<T>(operation, input, signal);
    } catch (error) {
      if (tries === MAX_TRIES || (error as ApiError).code !== 'LimitExceededException') {
        throw error;
      }
      await pause(REFUSED_PAUSE_MS, signal);
    }
  }
}

export async function listStreams(signal?: AbortSignal): Promise<StreamSummary[]> {
  const streams: StreamSummary[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const last = streams.at(-1)?.StreamName;
    const { StreamNames, StreamSummaries, HasMoreStreams } = await pageOf<{
      StreamSummaries?: StreamSummary[];
      StreamNames: string[];
      HasMoreStreams: boolean;
    }>('ListStreams', last === undefined ? {} : { ExclusiveStartStreamName: last }, signal);
    // Other emulators only tell names.
    streams.push(...(StreamSummaries ?? StreamNames.map((StreamName) => ({ StreamName }))));
    if (!HasMoreStreams || StreamNames.length === 0) {
      break;
    }
  }
  return streams;
}

export const describeStream = async (StreamName: string, signal?: AbortSignal): Promise<StreamDescription> =>
  (await call<{ StreamDescriptionSummary: StreamDescription }>('DescribeStreamSummary', { StreamName }, signal))
    .StreamDescriptionSummary;

/**
 * Every page of a list.
 * @param input of the first page
 * @param next  of the others, besides their token
 */
async function allPages<T>(
  operation: string,
  member: string,
  input: object,
  next: object,
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const all: T[] = [];
  let asked = input;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { NextToken, ...answer } = await pageOf<{ NextToken?: string }>(operation, asked, signal);
    all.push(...((answer as Readonly<Record<string, T[]>>)[member] ?? []));
    if (NextToken === undefined) {
      break;
    }
    asked = { ...next, NextToken };
  }
  return all;
}

export const listShards = (StreamName: string, signal?: AbortSignal): Promise<Shard[]> =>
  allPages('ListShards', 'Shards', { StreamName }, {}, signal);

export const listConsumers = (StreamARN: string, signal?: AbortSignal): Promise<Consumer[]> =>
  allPages('ListStreamConsumers', 'Consumers', { StreamARN }, { StreamARN }, signal);

/** The most tags that a stream has: one page holds them. */
export const listTags = async (StreamName: string, signal?: AbortSignal): Promise<Tag[]> =>
  (await call<{ Tags: Tag[] }>('ListTagsForStream', { StreamName }, signal)).Tags;

/** The ranges of shards, by which a record is put where it was. */
export const rangesOf = (shards: readonly Shard[]): (HashKeyRange & { readonly id: string })[] =>
  shards.map(({ ShardId, HashKeyRange }) => ({
    id: ShardId,
    startingHashKey: HashKeyRange.StartingHashKey,
    endingHashKey: HashKeyRange.EndingHashKey,
  }));

export const isOpen = (shard: Shard): boolean => shard.SequenceNumberRange.EndingSequenceNumber === undefined;

/** A shard's id without what all have in common. */
export const shardNumber = (id: string): string => id.replace(/^shardId-0*(?=\d)/, '');

export const shardLabel = (id: string): string => `shard ${shardNumber(id)}`;
