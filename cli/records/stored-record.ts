import { createHash } from 'node:crypto';
import type { _Record as KinesisRecord } from '@aws-sdk/client-kinesis';
import { Failure } from '../failure.ts';
import type { ShardInfo } from '../reading/shard-map.ts';
import type { OutgoingRecord } from '../writing/batch-writer.ts';

/** A record in a file of `rivulet export`: one line of JSON. */
export interface StoredRecord {
  readonly partitionKey: string;
  /** Present if the record did not go to its shard by its partition key. */
  readonly explicitHashKey?: string;
  /** Base64. */
  readonly data: string;
  /** When it arrived in the stream that was exported, ISO 8601. An import gives it a new time. */
  readonly arrivedAt?: string;
  readonly sequenceNumber?: string;
  readonly shard?: string;
}

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
  let value: Partial<StoredRecord>;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Failure(`line ${number} is no JSON`);
  }
  const { partitionKey, explicitHashKey, data } = value ?? {};
  if (typeof partitionKey !== 'string' || partitionKey === '' || typeof data !== 'string' || !isBase64(data)) {
    throw new Failure(`line ${number} is no record: it needs a partitionKey, and data in base64`);
  }
  if (explicitHashKey !== undefined && !/^\d{1,39}$/.test(`${explicitHashKey}`)) {
    throw new Failure(`line ${number} has an explicitHashKey that is no hash key`);
  }
  return {
    partitionKey,
    data: Buffer.from(data, 'base64'),
    ...(explicitHashKey !== undefined && { explicitHashKey: `${explicitHashKey}` }),
  };
}

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
