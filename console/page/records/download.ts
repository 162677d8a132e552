import { explicitHashKeyIn, type StoredRecord } from '../../../client/records/stored-line.ts';
import { toBase64 } from '../model/base64.ts';
import { hashKeyOf } from '../model/hash-key.ts';
import type { ShardRange } from './messages.ts';
import type { StoredRow } from './record-store.ts';

/** A record as a line of `rivulet export` has it, so that `rivulet import` takes it. */
export function storedLine(row: StoredRow, shards: readonly ShardRange[]): string {
  const range = shards.find(({ id }) => id === row.shard);
  const explicitHashKey = range && explicitHashKeyIn(range, hashKeyOf(row.partitionKey));
  const stored: StoredRecord = {
    partitionKey: row.partitionKey,
    ...(explicitHashKey !== undefined && { explicitHashKey }),
    data: toBase64(row.data),
    arrivedAt: new Date(row.arrivedMs).toISOString(),
    sequenceNumber: row.sequenceNumber,
    shard: row.shard,
  };
  return JSON.stringify(stored);
}
