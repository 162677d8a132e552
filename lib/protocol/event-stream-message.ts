import { crc32 } from 'node:zlib';

/** The length of the message, the length of its headers, and the checksum of both. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;

/** The type of a header whose value is text. */
const TEXT = 7;

/**
 * One message of an event stream: two lengths and their checksum, the headers, the payload, and a checksum of all.
 * https://smithy.io/2.0/aws/amazon-eventstream.html
 * @param headers names below 256 bytes, values below 64 KiB
 */
export function eventStreamMessage(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const body = Buffer.from(payload);
  const message = Buffer.allocUnsafe(PRELUDE_BYTES + head.length + body.length + CHECKSUM_BYTES);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  head.copy(message, PRELUDE_BYTES);
  body.copy(message, PRELUDE_BYTES + head.length);
  const checked = message.length - CHECKSUM_BYTES;
  message.writeUInt32BE(crc32(message.subarray(0, checked)), checked);
  return message;
}

function header(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const lengths = Buffer.alloc(3);
  lengths.writeUInt8(TEXT, 0);
  lengths.writeUInt16BE(valueBytes.length, 1);
  return Buffer.concat([Buffer.of(nameBytes.length), nameBytes, lengths, valueBytes]);
}
