import type { StructureSchema } from '../schema/structure.ts';
import { formatCbor } from './cbor.ts';
import { formatJson } from './json.ts';

/** A record as an answer has it. */
interface RecordParts {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** What CBOR may write before a partition key and before data, beyond what it writes before empty ones: their lengths. */
const CBOR_LENGTHS = 2 + 4;

/** Characters that neither JSON nor JSON within JSON writes as more than one byte. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * How many bytes a record takes of a function's result, which is JSON that has the answer's body as a text: its JSON escaped once
 * more, or its CBOR as base64; the larger of the two. Exact to some bytes, and never too small.
 * @param shape what a record is answered as
 * @param emptied a record with all that it may have, without data and partition key
 */
export function recordSizeIn(shape: StructureSchema, emptied: object): (record: RecordParts) => number {
  // With the comma behind it, without the quotes around it.
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
