import { createHash } from 'node:crypto';
import type { _Record as KinesisRecord } from '@aws-sdk/client-kinesis';
import { Failure } from '../failure.ts';
import type { ShardInfo } from '../reading/shard-map.ts';
import type { OutgoingRecord } from '../writing/batch-writer.ts';
import { readStoredLine, type StoredRecord } from './stored-line.ts';

/**
 * The explicit hash key that a record must have had: a record whose partition key does not lead to its shard was put with one, and
 * any key of that shard leads there again.
 */
export function explicitHashKeyOf(partitionKey: string, shard: ShardInfo): string | undefined {
  const hashKey = BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);
  const isOwn = hashKey >= BigInt(shard.startingHashKey) && hashKey <= BigInt(shard.endingHashKey);
  return isOwn ? undefined : shard.startingHashKey;
}

/** A record as it is put again. */
export function outgoing(
  { PartitionKey = '', Data = new Uint8Array() }: KinesisRecord,
  shard: ShardInfo,
): OutgoingRecord {
  const explicitHashKey = explicitHashKeyOf(PartitionKey, shard);
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

/** Reads a line of such a file. @throws Failure that names the line */
export function parseStored(line: string, number: number): OutgoingRecord {
  try {
    const { data, ...stored } = readStoredLine(line);
    return { ...stored, data: Buffer.from(data, 'base64') };
  } catch (error) {
    throw new Failure(`line ${number} ${(error as Error).message}`);
  }
}
