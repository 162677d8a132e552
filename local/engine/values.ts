import { unsupported, ValidationException } from './errors.ts';

/** An item in the form of the document client: plain values, bytes as `Uint8Array`. */
export type Item = Record<string, unknown>;

/** DynamoDB's names of the supported types. */
export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'L' | 'M';

/** The bytes of a list or map, besides one byte for each member. */
const CONTAINER_BYTES = 3;

const MAX_DEPTH = 32;

/** @throws ValidationException for what DynamoDB, or this engine, does not store */
export function typeOf(value: unknown): AttributeType {
  switch (typeof value) {
    case 'string':
      return 'S';
    case 'number':
      if (!Number.isFinite(value)) {
        throw new ValidationException(`The parameter cannot be converted to a numeric value: ${value}`);
      }
      return 'N';
    case 'boolean':
      return 'BOOL';
    case 'object':
      if (value === null) {
        return 'NULL';
      }
      if (value instanceof Uint8Array) {
        return 'B';
      }
      if (Array.isArray(value)) {
        return 'L';
      }
      if (value instanceof Set) {
        throw unsupported('sets');
      }
      return 'M';
    default:
      throw unsupported(`values of the type ${typeof value}`);
  }
}

/**
 * The size of an item by DynamoDB's rules, bytes. Undefined members do not count.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 * @throws ValidationException for values that cannot be stored
 */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const name in item) {
    const value = item[name];
    if (value !== undefined) {
      bytes += textBytes(name) + (value instanceof Uint8Array ? value.length : valueBytes(value, 1));
    }
  }
  return bytes;
}

function valueBytes(value: unknown, depth: number): number {
  switch (typeOf(value)) {
    case 'S':
      return textBytes(value as string);
    case 'N':
      return numberBytes(value as number);
    case 'B':
      // Bytes are stored next to the rest of an item, by the names of its attributes.
      throw unsupported('bytes inside lists and maps');
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'L':
      return containerBytes(Object.entries(value as unknown[]), depth, false);
    case 'M':
      return containerBytes(Object.entries(value as Item), depth, true);
  }
}

function containerBytes(members: [string, unknown][], depth: number, isNamed: boolean): number {
  if (depth > MAX_DEPTH) {
    throw new ValidationException('Nesting Levels have exceeded supported limits');
  }
  return members
    .filter(([, member]) => member !== undefined)
    .reduce(
      (bytes, [name, member]) => bytes + 1 + (isNamed ? textBytes(name) : 0) + valueBytes(member, depth + 1),
      CONTAINER_BYTES,
    );
}

/** Most texts here are short ASCII: checking each character is faster than counting bytes. */
function textBytes(text: string): number {
  if (text.length > 64) {
    return Buffer.byteLength(text);
  }
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) {
      return Buffer.byteLength(text);
    }
  }
  return text.length;
}

/** One byte for two significant digits, and one more; another for a sign. */
function numberBytes(value: number): number {
  if (value === 0) {
    return 1;
  }
  const digits = significantDigits(Math.abs(value));
  return Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0);
}

function significantDigits(value: number): number {
  if (Number.isSafeInteger(value)) {
    return significantDigitsOfInteger(value);
  }
  const [mantissa = ''] = value.toExponential().split('e');
  return mantissa.replace('.', '').replace(/0+$/, '').length || 1;
}

function significantDigitsOfInteger(value: number): number {
  let rest = value;
  while (rest % 10 === 0) {
    rest /= 10;
  }
  let digits = 1;
  for (let bound = 10; bound <= rest; bound *= 10) {
    digits += 1;
  }
  return digits;
}

/** Whether two values have the same type and are equal. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || typeOf(a) !== typeOf(b)) {
    return false;
  }
  if (a instanceof Uint8Array) {
    return Buffer.compare(a, b as Uint8Array) === 0;
  }
  const [members, others] = [Object.entries(a), Object.entries(b)];
  return members.length === others.length && members.every(([name, value]) => isEqual(value, (b as Item)[name]));
}

/**
 * The order of two values: by number, by UTF-8 bytes, by bytes.
 * @returns below, at or above 0; undefined if they have no order: their types differ, or have none
 */
export function compare(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    return a - b;
  }
  if (typeof a === 'string' && typeof b === 'string') {
    return compareTexts(a, b);
  }
  return a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) : undefined;
}

/** UTF-16 orders characters beyond the first plane differently. */
function compareTexts(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
