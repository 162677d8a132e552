import { constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { WORTH_COMPRESSING_BYTES } from '../model/limits.ts';

/** A record as a producer gave it. */
export interface LogRecord {
  readonly partitionKey: string;
  /** Decimal digits. Kept for reshards to come; readers are not given it. */
  readonly explicitHashKey?: string | undefined;
  readonly data: Uint8Array;
  /** What limits count: data and partition key, not the explicit hash key. */
  readonly bytes: number;
}

/** A record, with its bytes counted once for all who ask. */
export const logRecord = (record: Omit<LogRecord, 'bytes'>): LogRecord => ({
  ...record,
  bytes: record.data.length + Buffer.byteLength(record.partitionKey),
});

/** The first byte of a body: how the rest is written. */
const PLAIN = 0;
const ZSTD = 1;

/** Flights of JSON shrink to a third at this level; higher ones cost more CPU time than they save write units. */
const COMPRESSION_LEVEL = 1;

/** A packed body never unpacks to more: 10 MiB of records and their framing. */
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;

/** Three lengths of at most four bytes each. */
const FRAMING_BYTES = 12;

/**
 * Packs records into a batch's body: for each the length and bytes of its partition key, of its explicit hash key
 * (empty for none) and of its data, lengths as LEB128 numbers.
 * @param compressAbove bodies of more bytes are compressed when that makes them smaller
 */
export function packRecords(
  records: readonly LogRecord[],
  compressAbove: number = WORTH_COMPRESSING_BYTES,
): Uint8Array {
  const plain = framed(records);
  if (plain.length > compressAbove) {
    const compressed = zstdCompressSync(plain.subarray(1), {
      params: { [zlib.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL },
    });
    if (compressed.length + 1 < plain.length) {
      return Buffer.concat([Buffer.of(ZSTD), compressed]);
    }
  }
  return plain;
}

function framed(records: readonly LogRecord[]): Buffer {
  const most = records.reduce(
    // A UTF-16 unit takes at most three bytes of UTF-8.
    (sum, record) => sum + FRAMING_BYTES + record.partitionKey.length * 3 + 40 + record.data.length,
    1,
  );
  const buffer = Buffer.allocUnsafe(most);
  let at = buffer.writeUInt8(PLAIN);
  for (const record of records) {
    at = writeText(buffer, at, record.partitionKey);
    at = writeText(buffer, at, record.explicitHashKey ?? '');
    at = writeLength(buffer, at, record.data.length);
    buffer.set(record.data, at);
    at += record.data.length;
  }
  return buffer.subarray(0, at);
}

function writeText(buffer: Buffer, at: number, text: string): number {
  const start = writeLength(buffer, at, Buffer.byteLength(text));
  return start + buffer.write(text, start);
}

function writeLength(buffer: Buffer, at: number, length: number): number {
  let rest = length;
  let end = at;
  while (rest > 0x7f) {
    buffer[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[end++] = rest;
  return end;
}

/**
 * Unpacks a body.
 * @param from records before this offset are passed over
 * @throws Error when the body is not one that `packRecords` made
 */
export function unpackRecords(body: Uint8Array, from: number): LogRecord[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset + 1, body.length - 1);
  const plain = body[0] === ZSTD ? zstdDecompressSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }) : bytes;
  const reader = new BodyReader(plain);
  const records: LogRecord[] = [];
  for (let offset = 0; !reader.atEnd(); offset++) {
    const partitionKey = reader.next();
    const explicitHashKey = reader.next();
    const data = reader.next();
    if (offset >= from) {
      records.push({
        partitionKey: partitionKey.toString(),
        ...(explicitHashKey.length > 0 && { explicitHashKey: explicitHashKey.toString() }),
        data,
        bytes: partitionKey.length + data.length,
      });
    }
  }
  return records;
}

/**
 * Unpacks a body that has to have so many records.
 * @throws Error when it has not, or is not one that `packRecords` made
 */
export function unpackWhole(body: Uint8Array, recordCount: number): LogRecord[] {
  const records = unpackRecords(body, 0);
  if (records.length !== recordCount) {
    throw new Error(`a batch body has ${records.length} records, not ${recordCount}`);
  }
  return records;
}

class BodyReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next length and as many bytes. */
  next(): Buffer {
    let length = 0;
    let shift = 0;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) {
        throw new Error('a batch body ends early');
      }
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        break;
      }
      shift += 7;
    }
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) {
      throw new Error('a batch body ends early');
    }
    return this.#bytes.subarray(start, this.#at);
  }
}
