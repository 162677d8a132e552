import { constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { WORTH_COMPRESSING_BYTES } from '../model/limits.ts';

/** A record as the producer sent it. */
export interface LogRecord {
  readonly partitionKey: string;
  /** Decimal digits. Stored for future reshards. Clients that read records do not receive it. */
  readonly explicitHashKey?: string | undefined;
  readonly data: Uint8Array;
  /** The bytes that limits count: data and partition key, without the explicit hash key. */
  readonly bytes: number;
}

/** Makes a record, and counts its bytes once for all later uses. */
export const logRecord = (record: Omit<LogRecord, 'bytes'>): LogRecord => ({
  ...record,
  bytes: record.data.length + Buffer.byteLength(record.partitionKey),
});

/** The first byte of a body: the format of the rest. */
const PLAIN = 0;
const ZSTD = 1;

/** JSON flight records shrink to a third at this level. Higher ones cost more CPU time than they save write units. */
const COMPRESSION_LEVEL = 1;

/** A body never unpacks to more bytes: it has 10 MiB of records and their framing. */
const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;

/** Three lengths of at most four bytes each. */
const FRAMING_BYTES = 12;

/**
 * Packs records into the body of a batch. For each record it writes the length and bytes of the partition key, of the
 * explicit hash key (empty if there is none), and of the data. Lengths are LEB128 numbers.
 * @param compressAbove larger bodies (in bytes) are compressed, if that makes them smaller
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
 * @param from records before this offset are skipped
 * @throws Error when `packRecords` did not make the body
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
 * Unpacks a body that must have exactly `recordCount` records.
 * @throws Error when the count is different, or `packRecords` did not make the body
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

  /** Reads the next length, and returns that many bytes. */
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
