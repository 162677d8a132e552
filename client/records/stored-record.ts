import { createHash } from 'node:crypto';
import type { _Record as KinesisRecord } from '@aws-sdk/client-kinesis';
import type { ShardInfo } from '../reading/shard-map.ts';
import type { OutgoingRecord } from '../writing/batch-writer.ts';
import type { FileLine } from './file-lines.ts';
import { explicitHashKeyIn, readStoredLine, type StoredRecord } from './stored-line.ts';

const hashKeyOf = (partitionKey: string): bigint => BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);

/** A record as it is put again. */
export function outgoing(
  { PartitionKey = '', Data = new Uint8Array() }: KinesisRecord,
  shard: ShardInfo,
): OutgoingRecord {
  const explicitHashKey = explicitHashKeyIn(shard, hashKeyOf(PartitionKey));
  return { partitionKey: PartitionKey, data: Data, ...(explicitHashKey !== undefined && { explicitHashKey }) };
}

/** The line of a record in a file. */
export function formatStored(record: KinesisRecord, shard: ShardInfo): string {
  const { partitionKey, explicitHashKey, data } = outgoing(record, shard);
  const stored: StoredRecord = {
    partitionKey,
    ...(explicitHashKey !== undefined && { explicitHashKey }),
    data: Buffer.from(data).toString('base64'),
    ...(record.ApproximateArrivalTimestamp && { arrivedAt: record.ApproximateArrivalTimestamp.toISOString() }),
    ...(record.SequenceNumber !== undefined && { sequenceNumber: record.SequenceNumber }),
    shard: shard.id,
  };
  return JSON.stringify(stored);
}

/** Reads a line of such a file. @throws BadLine */
export function parseStored(line: FileLine): OutgoingRecord {
  const { data, ...stored } = readStoredLine(line);
  return { ...stored, data: Buffer.from(data, 'base64') };
}
