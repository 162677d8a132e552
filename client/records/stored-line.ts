import { BadLine, type FileLine, lineText } from './file-lines.ts';

/** The hash keys of a shard, both included. */
export interface HashKeyRange {
  readonly startingHashKey: string;
  readonly endingHashKey: string;
}

/** A record in a file of `rivulet export`, or of a download of the console: one line of JSON. */
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
 * @param hashKey that of its partition key
 */
export const explicitHashKeyIn = (
  { startingHashKey, endingHashKey }: HashKeyRange,
  hashKey: bigint,
): string | undefined =>
  hashKey >= BigInt(startingHashKey) && hashKey <= BigInt(endingHashKey) ? undefined : startingHashKey;

/** Reads a line of such a file. @throws BadLine */
export function readStoredLine(line: FileLine): Pick<StoredRecord, 'partitionKey' | 'explicitHashKey' | 'data'> {
  const text = lineText(line);
  let value: Partial<StoredRecord>;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadLine(line, 'is no JSON');
  }
  const { partitionKey, explicitHashKey, data } = value ?? {};
  if (typeof partitionKey !== 'string' || partitionKey === '' || typeof data !== 'string' || !isBase64(data)) {
    throw new BadLine(line, 'is no record: it needs a partitionKey, and data in base64');
  }
  if (explicitHashKey !== undefined && !/^\d{1,39}$/.test(`${explicitHashKey}`)) {
    throw new BadLine(line, 'has an explicitHashKey that is no hash key');
  }
  return { partitionKey, data, ...(explicitHashKey !== undefined && { explicitHashKey: `${explicitHashKey}` }) };
}

const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
