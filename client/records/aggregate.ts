import { PbfReader } from 'pbf';
import type { Codecs } from './codecs.ts';

/** A record that a producer has packed into another one. */
export interface PackedRecord {
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
  readonly data: Uint8Array;
}

/** What an aggregated record of the Kinesis Producer Library begins with. */
const MAGIC = [0xf3, 0x89, 0x9a, 0xc2];
const DIGEST_BYTES = 16;

/**
 * Opens an aggregated record of the Kinesis Producer Library.
 * https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
 * @returns undefined if it is none, or a damaged one: then it is data like any other
 */
export function openAggregate(data: Uint8Array, { md5 }: Pick<Codecs, 'md5'>): PackedRecord[] | undefined {
  if (data.length < MAGIC.length + DIGEST_BYTES || !MAGIC.every((byte, index) => data[index] === byte)) {
    return undefined;
  }
  const message = data.subarray(MAGIC.length, -DIGEST_BYTES);
  const digest = data.subarray(-DIGEST_BYTES);
  if (!md5(message).every((byte, index) => digest[index] === byte)) {
    return undefined;
  }
  try {
    return packedRecords(message);
  } catch {
    return undefined;
  }
}

/** The library's own reading of short texts loses bits of characters beyond 16 of them. */
const textOf = (bytes: Uint8Array): string => UTF8.decode(bytes);

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

interface Message {
  readonly partitionKeys: string[];
  readonly explicitHashKeys: string[];
  readonly records: { partitionKey: number; explicitHashKey: number | undefined; data: Uint8Array }[];
}

/** Its fields, by their numbers: partition_key_table, explicit_hash_key_table, records. */
function packedRecords(message: Uint8Array): PackedRecord[] {
  const read = new PbfReader(message).readFields<Message>(
    (field, found, reader) => {
      if (field === 1) {
        found.partitionKeys.push(textOf(reader.readBytes()));
      } else if (field === 2) {
        found.explicitHashKeys.push(textOf(reader.readBytes()));
      } else if (field === 3) {
        found.records.push(
          reader.readMessage(
            (inner, record, innerReader) => {
              if (inner === 1) {
                record.partitionKey = innerReader.readVarint();
              } else if (inner === 2) {
                record.explicitHashKey = innerReader.readVarint();
              } else if (inner === 3) {
                record.data = innerReader.readBytes();
              }
            },
            {
              partitionKey: -1,
              explicitHashKey: undefined as number | undefined,
              data: new Uint8Array() as Uint8Array,
            },
          ),
        );
      }
    },
    { partitionKeys: [], explicitHashKeys: [], records: [] },
  );
  return read.records.map(({ partitionKey, explicitHashKey, data }) => {
    const key = read.partitionKeys[partitionKey];
    const hashKey = explicitHashKey === undefined ? undefined : read.explicitHashKeys[explicitHashKey];
    if (key === undefined) {
      throw new Error('a record names no partition key');
    }
    return { partitionKey: key, ...(hashKey !== undefined && { explicitHashKey: hashKey }), data };
  });
}
