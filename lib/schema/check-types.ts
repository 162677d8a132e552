import { echo, KinesisFault } from '../faults.ts';
import type { Infer, Schema, StructureSchema } from './structure.ts';

/**
 * What differs between the protocols. In JSON a blob is base64 text, and a timestamp is in seconds. In CBOR a blob is
 * bytes, and a timestamp is in milliseconds.
 */
export interface WireTypes {
  /** Decodes a blob that arrived as text. @throws KinesisFault (SerializationException) */
  readonly blobFromText: (text: string) => Uint8Array;
  /** How many ms one unit of a timestamp has. */
  readonly timestampUnitMs: number;
}

/** The kind of a decoded JSON or CBOR value. `null` and `undefined` count as absent, whatever type is expected. */
type ValueKind = 'boolean' | 'number' | 'string' | 'bytes' | 'list' | 'map';

const LIST_FOUND = 'Start of list found where not expected';
const MAP_FOUND = 'Start of structure or map found where not expected.';

/** The Java classes that the real service's sentences name. */
const JAVA_CLASS = {
  boolean: 'class java.lang.Boolean',
  number: 'class com.amazon.coral.value.json.numbers.TruncatingBigNumber',
  string: 'class java.lang.String',
} as const;

const MAX_INTEGER = 2147483647;
/** 64 bits, as in the real service. */
const MAX_TIMESTAMP_MS = 2 ** 63;

const serializationFault = (sentence: string): KinesisFault =>
  new KinesisFault('SerializationException', sentence, 'Message');

/**
 * Converts a decoded body to a handler's input. Blobs become bytes, timestamps become ms, and integers become whole
 * numbers within 32 bits. The result has no unknown and no absent members.
 * @throws KinesisFault (SerializationException) for the first member, in declared order, that has a wrong type
 */
export function checkTypes<S extends StructureSchema>(schema: S, body: object, wire: WireTypes): Infer<S> {
  return checkStructure(schema, body as Record<string, unknown>, wire) as Infer<S>;
}

function checkStructure(schema: StructureSchema, value: Record<string, unknown>, wire: WireTypes): object {
  const checked: Record<string, unknown> = {};
  for (const name in schema.members) {
    const member = Object.hasOwn(value, name) ? value[name] : undefined;
    if (member !== null && member !== undefined) {
      checked[name] = checkValue(schema.members[name] as Schema, member, wire);
    }
  }
  return checked;
}

function checkValue(schema: Schema, value: unknown, wire: WireTypes): unknown {
  const kind = kindOf(value);
  switch (schema.type) {
    case 'string':
      return kind === 'string' ? value : scalarFault(kind, 'an String');
    case 'integer':
      return kind === 'number' ? wholeNumber(value as number) : scalarFault(kind, 'an Integer');
    case 'long':
      return kind === 'number' ? Math.trunc(Number(value)) : scalarFault(kind, 'an Long');
    case 'boolean':
      return checkBoolean(kind, value);
    case 'blob':
      return checkBlob(kind, value, wire);
    case 'timestamp':
      return kind === 'number'
        ? timestampMs(Number(value) * wire.timestampUnitMs)
        : scalarFault(kind, 'milliseconds since epoch');
    default:
      return checkCollection(schema, kind, value, wire);
  }
}

function checkCollection(
  schema: Extract<Schema, { type: 'list' | 'map' | 'structure' }>,
  kind: ValueKind,
  value: unknown,
  wire: WireTypes,
): unknown {
  if (schema.type === 'list') {
    if (kind !== 'list') {
      throw serializationFault(isMapLike(kind) ? MAP_FOUND : 'Expected list or null');
    }
    return (value as unknown[]).map((member) => (member === null ? null : checkValue(schema.member, member, wire)));
  }
  if (kind === 'list') {
    throw serializationFault(LIST_FOUND);
  }
  if (kind !== 'map') {
    throw serializationFault(schema.type === 'map' ? 'Expected map or null' : 'Expected null');
  }
  if (schema.type === 'structure') {
    return checkStructure(schema, value as Record<string, unknown>, wire);
  }
  const entries = Object.entries(value as object);
  return Object.fromEntries(
    entries.map(([key, entry]) => [key, entry === null ? null : checkValue(schema.value, entry, wire)]),
  );
}

function kindOf(value: unknown): ValueKind {
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
    case 'bigint':
      return 'number';
    case 'string':
      return 'string';
    default:
      if (Array.isArray(value)) {
        return 'list';
      }
      return value instanceof Uint8Array ? 'bytes' : 'map';
  }
}

/** CBOR bytes in the wrong place get the same error as the start of a structure. JSON has no bytes. */
const isMapLike = (kind: ValueKind): boolean => kind === 'map' || kind === 'bytes';

function scalarFault(kind: ValueKind, expected: string): never {
  if (kind === 'list') {
    throw serializationFault(LIST_FOUND);
  }
  if (kind === 'map' || kind === 'bytes') {
    throw serializationFault(MAP_FOUND);
  }
  throw serializationFault(`${JAVA_CLASS[kind]} can not be converted to ${expected}`);
}

function checkBoolean(kind: ValueKind, value: unknown): boolean {
  if (kind === 'boolean') {
    return value as boolean;
  }
  if (kind !== 'string') {
    return scalarFault(kind, 'an Boolean');
  }
  const word = (value as string).toUpperCase();
  if (word === 'TRUE' || word === '1' || word === 'YES') {
    return true;
  }
  if (word === 'FALSE' || word === '0' || word === 'NO') {
    return false;
  }
  throw serializationFault(`'${echo(word)}' can not be converted to an Boolean`);
}

function checkBlob(kind: ValueKind, value: unknown, wire: WireTypes): Uint8Array {
  if (kind === 'bytes') {
    return value as Uint8Array;
  }
  return kind === 'string' ? wire.blobFromText(value as string) : scalarFault(kind, 'a Blob');
}

/** Drops a fraction. A number that does not fit into 32 bits becomes the nearest one that does. */
function wholeNumber(value: number | bigint): number {
  const whole = Math.trunc(Number(value)) || 0;
  return Math.min(Math.max(whole, -MAX_INTEGER - 1), MAX_INTEGER);
}

function timestampMs(value: number): number {
  const whole = Math.round(value) || 0;
  return Math.min(Math.max(whole, -MAX_TIMESTAMP_MS), MAX_TIMESTAMP_MS);
}

const BASE64_INTRUDER = /[^a-zA-Z0-9+/=]|=[^=]/;

/**
 * Decodes base64 as strictly as the real service.
 * @throws KinesisFault (SerializationException) with a sentence for the first error
 */
export function decodeBase64(text: string): Uint8Array {
  const fault = (reason: string) => serializationFault(`'${echo(text)}' can not be converted to a Blob: ${reason}`);
  if (text.length % 4 !== 0) {
    throw fault(`Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`);
  }
  const bytes = decoded(text);
  if (mayHoldIntruder(text, bytes.length)) {
    const intruder = BASE64_INTRUDER.exec(text);
    if (intruder !== null) {
      throw fault(`Invalid Base64 character: '${intruder[0].charAt(0)}'`);
    }
  }
  if (!LAST_BEFORE_PADDING[paddingOf(text)].test(text)) {
    throw fault('Invalid last non-pad Base64 character dectected');
  }
  return bytes;
}

const paddingOf = (text: string): 0 | 1 | 2 => (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);

/** The last character before 0, 1 or 2 padding characters: its bits beyond the last byte must be zero. */
const LAST_BEFORE_PADDING = [/(?:)/, /[AEIMQUYcgkosw048]=$/, /[AQgw]==$/] as const;

/** Blobs whose base64 text has up to so many characters share memory with other blobs. */
const MAX_SHARED_BYTES = 32 * 1024;
const SLAB_BYTES = 8 * MAX_SHARED_BYTES;

let slab = Buffer.alloc(0);
let slabUsed = 0;

/** Decodes as Node does. Small blobs share memory: a separate allocation takes several times as long as decoding. */
function decoded(text: string): Uint8Array {
  if (text.length > MAX_SHARED_BYTES) {
    return Buffer.from(text, 'base64');
  }
  if (slabUsed + text.length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabUsed = 0;
  }
  const start = slabUsed;
  slabUsed += slab.write(text, start, 'base64');
  return slab.subarray(start, slabUsed);
}

/**
 * Whether the text may contain a character that is not valid base64. Node's decoder does not report those:
 * - It skips other characters, so its result is shorter.
 * - It also accepts the characters of base64url.
 * - Of a character above one byte, it uses the lower byte.
 * A search by a regular expression would take longer than the decoding.
 */
function mayHoldIntruder(text: string, decodedBytes: number): boolean {
  return (
    decodedBytes !== (text.length / 4) * 3 - paddingOf(text) ||
    text.includes('-') ||
    text.includes('_') ||
    Buffer.byteLength(text) !== text.length
  );
}
