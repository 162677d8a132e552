import type { Deps } from '../../lib/deps.ts';
import { shardId } from '../../lib/model/shard.ts';
import { parseShardIterator } from '../../lib/model/shard-iterator.ts';
import { namedStream } from '../../lib/resources/addressed-stream.ts';
import { type CompletedCall, failedRecordCount, recordCount } from '../observation.ts';

/** The stream that a call names, and the shard that a GetRecords call reads. */
export interface Subject {
  readonly streamName?: string | undefined;
  readonly readShard?: string;
}

/** Finds what a call is about. An iterator tells it encrypted. */
export async function subjectOf(
  { operation, input }: Pick<CompletedCall, 'operation' | 'input'>,
  deps: Deps,
): Promise<Subject> {
  if (operation.name !== 'GetRecords') {
    return { streamName: namedStream(input) };
  }
  const { ShardIterator = '' } = input as { readonly ShardIterator?: string };
  const iterator = parseShardIterator(await deps.tokenCipher(), ShardIterator);
  return iterator === undefined ? {} : { streamName: iterator.streamName, readShard: shardId(iterator.shardIndex) };
}

/** What the log line of a call tells. It never has data blobs or partition keys. */
export interface CallLine {
  readonly operation: string;
  readonly stream?: string;
  /** The records of a put, or those that a read returned. */
  readonly records?: number;
  /** The records of PutRecords that were not stored. */
  readonly failedRecords?: number;
  /** The code of the fault that the client got. */
  readonly fault?: string;
  readonly latencyMs: number;
}

/** The log line of a completed call. */
export function callLine(call: CompletedCall, { streamName }: Subject): CallLine {
  const records = recordCount(call);
  const failed = failedRecordCount(call);
  return {
    operation: call.operation.name,
    ...(streamName !== undefined && { stream: streamName }),
    ...(records !== undefined && { records }),
    ...(failed > 0 && { failedRecords: failed }),
    ...(call.fault !== undefined && { fault: call.fault }),
    latencyMs: Math.round(call.latencyMs),
  };
}
