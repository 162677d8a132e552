import { decode, encode } from 'cborg';

/**
 * How calls are written and responses are read. In calls, bytes are buffers and times are dates, whatever the wire
 * format.
 */
export interface WireEncoding {
  readonly name: 'JSON' | 'CBOR';
  readonly contentType: string;
  format(input: object): string | Uint8Array;
  /** Data comes as bytes, arrival times as epoch ms. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  parse(body: Buffer): any;
}

export const JSON_ENCODING: WireEncoding = {
  name: 'JSON',
  contentType: 'application/x-amz-json-1.1',
  format: (input) =>
    JSON.stringify(
      mapped(input, {
        bytes: (bytes) => Buffer.from(bytes).toString('base64'),
        time: (time) => time.getTime() / 1_000,
      }),
    ),
  parse: (body) => JSON.parse(body.toString(), revived),
};

/** Uses a codec that is not the product's. Kinesis' times are milliseconds behind a tag. */
export const CBOR_ENCODING: WireEncoding = {
  name: 'CBOR',
  contentType: 'application/x-amz-cbor-1.1',
  format: (input) => encode(mapped(input, { bytes: (bytes) => bytes, time: (time) => time.getTime() })),
  parse: (body) => decode(body, { tags: { 1: (tagged: () => unknown) => tagged() } }),
};

interface Leaves {
  readonly bytes: (bytes: Uint8Array) => unknown;
  readonly time: (time: Date) => unknown;
}

/** The same input, with its bytes and times in the wire format. */
function mapped(value: unknown, leaves: Leaves): unknown {
  if (value instanceof Uint8Array) {
    return leaves.bytes(value);
  }
  if (value instanceof Date) {
    return leaves.time(value);
  }
  if (Array.isArray(value)) {
    return value.map((member) => mapped(member, leaves));
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mapped(member, leaves)]))
    : value;
}

function revived(name: string, value: unknown): unknown {
  switch (name) {
    case 'Data':
      return Buffer.from(value as string, 'base64');
    case 'ApproximateArrivalTimestamp':
      return Math.round((value as number) * 1_000);
    default:
      return value;
  }
}
