/** How deep items may nest, as in the Java clients' parser. Deeper bodies are rejected: the stack could overflow. */
const MAX_DEPTH = 1000;

/** No valid request has more items. An item of one byte needs far more memory than one byte. */
const MAX_ITEMS = 1_000_000;

const INDEFINITE = 31;
const BREAK = 0xff;

/** Marks the end of an indefinite-length list or map. The reader never returns it to a caller. */
const END = Symbol('end of an indefinite-length item');

/**
 * Reads CBOR (RFC 8949) as Kinesis clients write it: definite and indefinite lengths, maps with text keys. The reader
 * ignores tags, because the schema defines what an item means. Byte strings of definite length are views of the body,
 * not copies.
 */
export class CborReader {
  readonly #bytes: Buffer;
  #at = 0;
  #depth = 0;
  #items = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** @throws Error unless the bytes are exactly one well-formed item */
  readDocument(): unknown {
    const value = this.#item();
    if (value === END || this.#at !== this.#bytes.length) {
      throw new Error('not a single CBOR item');
    }
    return value;
  }

  #item(): unknown {
    const head = this.#head();
    if (head === BREAK) {
      return END;
    }
    const major = head >> 5;
    const minor = head & 31;
    switch (major) {
      case 0:
        return this.#argument(minor);
      case 1:
        return -1 - this.#argument(minor);
      case 2:
        return this.#bytesOf(minor);
      case 3:
        return minor === INDEFINITE ? this.#chunks(3).toString() : this.#slice(this.#argument(minor)).toString();
      case 4:
        return this.#nested(() => this.#list(minor));
      case 5:
        return this.#nested(() => this.#map(minor));
      case 6:
        this.#argument(minor);
        return this.#nested(() => this.#value());
      default:
        return this.#simple(minor);
    }
  }

  /** Reads an item where a break is not allowed. */
  #value(): unknown {
    const value = this.#item();
    if (value === END) {
      throw new Error('unexpected break');
    }
    return value;
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      throw new Error('nested too deep');
    }
    const value = read();
    this.#depth--;
    return value;
  }

  #list(minor: number): unknown[] {
    const list: unknown[] = [];
    const length = minor === INDEFINITE ? Number.POSITIVE_INFINITY : this.#argument(minor);
    while (list.length < length) {
      const member = length === Number.POSITIVE_INFINITY ? this.#item() : this.#value();
      if (member === END) {
        break;
      }
      list.push(member);
    }
    return list;
  }

  #map(minor: number): object {
    const entries: [string, unknown][] = [];
    const length = minor === INDEFINITE ? Number.POSITIVE_INFINITY : this.#argument(minor);
    while (entries.length < length) {
      const key = length === Number.POSITIVE_INFINITY ? this.#item() : this.#value();
      if (key === END) {
        break;
      }
      if (typeof key !== 'string') {
        throw new Error('a map key is not text');
      }
      entries.push([key, this.#value()]);
    }
    // fromEntries creates own members even for names such as __proto__.
    return Object.fromEntries(entries);
  }

  #bytesOf(minor: number): Buffer {
    return minor === INDEFINITE ? this.#chunks(2) : this.#slice(this.#argument(minor));
  }

  /** Joins the pieces of an indefinite-length string, up to a break: definite-length strings of the same type. */
  #chunks(major: number): Buffer {
    const chunks: Buffer[] = [];
    for (let head = this.#head(); head !== BREAK; head = this.#head()) {
      if (head >> 5 !== major || (head & 31) === INDEFINITE) {
        throw new Error('a piece of another type');
      }
      chunks.push(this.#slice(this.#argument(head & 31)));
    }
    return Buffer.concat(chunks);
  }

  #simple(minor: number): boolean | number | null {
    switch (minor) {
      case 20:
        return false;
      case 21:
        return true;
      case 22: // null
      case 23: // undefined
        return null;
      case 25:
        return halfFloat(this.#slice(2).readUInt16BE());
      case 26:
        return this.#slice(4).readFloatBE();
      case 27:
        return this.#slice(8).readDoubleBE();
      default:
        throw new Error('unknown simple value');
    }
  }

  /** The number after an item's head. Above 2^53 it is the nearest double. No member needs more precision. */
  #argument(minor: number): number {
    if (minor < 24) {
      return minor;
    }
    switch (minor) {
      case 24:
        return this.#byte();
      case 25:
        return this.#slice(2).readUInt16BE();
      case 26:
        return this.#slice(4).readUInt32BE();
      case 27:
        return Number(this.#slice(8).readBigUInt64BE());
      default:
        throw new Error('reserved length');
    }
  }

  #head(): number {
    if (++this.#items > MAX_ITEMS) {
      throw new Error('too many items');
    }
    return this.#byte();
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) {
      throw new Error('unexpected end');
    }
    return byte;
  }

  #slice(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) {
      throw new Error('unexpected end');
    }
    const slice = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return slice;
  }
}

/** IEEE 754 half precision. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) {
    return sign * fraction * 2 ** -24;
  }
  if (exponent === 31) {
    return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
