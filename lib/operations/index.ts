import { createStream } from './create-stream.ts';
import { deleteStream } from './delete-stream.ts';
import { describeStream } from './describe-stream.ts';
import { describeStreamSummary } from './describe-stream-summary.ts';
import { getRecords } from './get-records.ts';
import { getShardIterator } from './get-shard-iterator.ts';
import { listShards } from './list-shards.ts';
import { listStreams } from './list-streams.ts';
import type { Operation } from './operation.ts';
import { putRecord } from './put-record.ts';
import { putRecords } from './put-records.ts';

/** Every operation by its action name. Nothing else knows them all. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [
    createStream,
    deleteStream,
    describeStream,
    describeStreamSummary,
    getRecords,
    getShardIterator,
    listShards,
    listStreams,
    putRecord,
    putRecords,
  ].map((operation) => [operation.name, operation as unknown as Operation]),
);
