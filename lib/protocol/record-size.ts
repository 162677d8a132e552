import type { StructureSchema } from '../schema/structure.ts';
import { formatCbor } from './cbor.ts';
import { formatJson } from './json.ts';

/** The parts of a record that a response contains. */
export interface RecordParts {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Extra bytes that CBOR may need for the lengths of the partition key and of the data, compared with empty ones. */
const CBOR_LENGTHS = 2 + 4;

/** Characters that take one byte each, in JSON and in JSON within JSON. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * Returns a function that computes how many bytes a record takes in a Lambda function's result. That result is JSON.
 * It contains the response's body as a text: JSON that is escaped once more, or CBOR as base64. The size is the larger
 * of the two. It is exact to a few bytes, and never too small.
 * @param shape the schema of a record in the response
 * @param emptied a record with every possible member, but with empty data and an empty partition key
 */
export function recordSizeIn(shape: StructureSchema, emptied: object): (record: RecordParts) => number {
  // With the comma after it, without the two quotes around it.
  const aroundJson = Buffer.byteLength(JSON.stringify(formatJson(shape, emptied))) - 1;
  const aroundCbor = formatCbor(shape, emptied).length + CBOR_LENGTHS;
  return ({ partitionKey, data }) => {
    const json = aroundJson + base64Bytes(data.length) + escapedTwiceBytes(partitionKey);
    const cbor = base64Bytes(aroundCbor + data.length + Buffer.byteLength(partitionKey));
    return Math.max(json, cbor);
  };
}

const base64Bytes = (bytes: number): number => 4 * Math.ceil(bytes / 3);

const escapedTwiceBytes = (text: string): number =>
  PLAIN.test(text) ? text.length : Buffer.byteLength(JSON.stringify(JSON.stringify(text).slice(1, -1))) - 2;
