import { call } from '../api.ts';
import { fromBase64 } from '../model/base64.ts';
import type { StoredRow } from '../records/record-store.ts';

interface Page {
  readonly Records: readonly {
    readonly SequenceNumber: string;
    readonly PartitionKey: string;
    readonly ApproximateArrivalTimestamp: number;
    readonly Data: string;
  }[];
  readonly NextShardIterator?: string;
  readonly MillisBehindLatest: number;
}

/** Pages that may be empty before the record comes. */
const MAX_PAGES = 10;

/** Reads one record. @throws Error if it is not there any more */
export async function fetchRecord(
  StreamName: string,
  ShardId: string,
  SequenceNumber: string,
  signal: AbortSignal,
): Promise<Omit<StoredRow, 'index'>> {
  const position = { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: SequenceNumber };
  let { ShardIterator } = await call<{ ShardIterator?: string }>(
    'GetShardIterator',
    { StreamName, ShardId, ...position },
    signal,
  );
  for (let page = 0; page < MAX_PAGES && ShardIterator !== undefined; page++) {
    const { Records, NextShardIterator, MillisBehindLatest } = await call<Page>(
      'GetRecords',
      { ShardIterator, Limit: 1 },
      signal,
    );
    const [record] = Records;
    if (record?.SequenceNumber === SequenceNumber) {
      return {
        shard: ShardId,
        sequenceNumber: SequenceNumber,
        partitionKey: record.PartitionKey,
        arrivedMs: Math.round(record.ApproximateArrivalTimestamp * 1_000),
        data: fromBase64(record.Data),
      };
    }
    if (record !== undefined || MillisBehindLatest === 0) {
      break;
    }
    ShardIterator = NextShardIterator;
  }
  throw new Error('This record is not in the stream: it has expired, or was never there.');
}
