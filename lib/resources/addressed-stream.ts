import type { Deps } from '../deps.ts';
import { invalidArgument, type StreamReference, shardNotFound, streamNotFound } from '../faults.ts';
import { parseShardId } from '../model/shard.ts';
import { type Stream, streamArn } from '../model/stream.ts';

/** The members with which a request names a stream. */
export interface StreamAddress {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

/**
 * The stream that a request names: by name, by ARN, or by both if they agree.
 * @throws KinesisFault InvalidArgumentException without either, or when they disagree; ResourceNotFoundException for an
 * ARN of another region or account
 */
export function addressedStream({ StreamName, StreamARN }: StreamAddress, deps: Deps): StreamReference {
  const { accountId } = deps.account;
  if (StreamARN === undefined) {
    if (StreamName === undefined) {
      throw invalidArgument('Either StreamName or StreamARN must be provided.');
    }
    return { streamName: StreamName, accountId };
  }
  const streamName = StreamARN.slice(StreamARN.indexOf('stream/') + 'stream/'.length);
  if (StreamName !== undefined && StreamName !== streamName) {
    throw invalidArgument(`StreamARN ${StreamARN} does not match StreamName ${StreamName}.`);
  }
  if (StreamARN !== streamArn(deps.account, streamName)) {
    throw streamNotFound({ streamName, accountId: accountOf(StreamARN) });
  }
  return { streamName, accountId };
}

/** The account of an ARN that matched the ARN pattern. */
function accountOf(arn: string): string {
  return /:(\d{12}):/.exec(arn)?.[1] ?? '';
}

/** Whether the creation time in a request is the stream's, to the second. True if the request has none. */
export function isCreationOf(stream: Stream, creationMs: number | undefined): boolean {
  return creationMs === undefined || Math.floor(creationMs / 1000) === Math.floor(stream.createdMs / 1000);
}

/**
 * The index that a request's shard id names.
 * @throws KinesisFault ResourceNotFoundException, with the id as it was sent, when it names none
 */
export function addressedShard(shardId: string, stream: StreamReference): number {
  const index = parseShardId(shardId);
  if (index === undefined) {
    throw shardNotFound(stream, shardId);
  }
  return index;
}

/** The stream that a request names, with any member. Undefined if it names none. */
export function namedStream(input: object): string | undefined {
  const { StreamName, StreamARN, ResourceARN, ConsumerARN } = input as Record<string, string | undefined>;
  const arn = StreamARN ?? ResourceARN ?? ConsumerARN;
  return StreamName ?? /:stream\/([^/]+)/.exec(arn ?? '')?.[1];
}
