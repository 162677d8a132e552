const INITIAL_BYTES = 1024;

/** A head is at most this long: one byte and an eight-byte argument. */
const MAX_HEAD_BYTES = 9;

/** Writes CBOR (RFC 8949) into one growing buffer. Maps have indefinite length, as in the real service. */
export class CborWriter {
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #at = 0;

  /** Returns the bytes that were written. */
  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  text(text: string): void {
    const length = Buffer.byteLength(text);
    this.#head(3, length);
    this.#reserve(length);
    this.#at += this.#buffer.write(text, this.#at);
  }

  bytes(bytes: Uint8Array): void {
    this.#head(2, bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  integer(value: number): void {
    if (value < 0) {
      this.#head(1, -1 - value);
    } else {
      this.#head(0, value);
    }
  }

  /** @param ms epoch ms; a whole number, because the Java clients reject floats here */
  timestamp(ms: number): void {
    this.#head(6, 1);
    this.integer(ms);
  }

  boolean(value: boolean): void {
    this.#head(7, value ? 21 : 20);
  }

  startList(length: number): void {
    this.#head(4, length);
  }

  startMap(): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = 0xbf;
  }

  endMap(): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = 0xff;
  }

  #head(major: number, argument: number): void {
    this.#reserve(MAX_HEAD_BYTES);
    const type = major << 5;
    if (argument < 24) {
      this.#at = this.#buffer.writeUInt8(type | argument, this.#at);
    } else if (argument < 0x100) {
      this.#at = this.#buffer.writeUInt8(type | 24, this.#at);
      this.#at = this.#buffer.writeUInt8(argument, this.#at);
    } else if (argument < 0x10000) {
      this.#at = this.#buffer.writeUInt8(type | 25, this.#at);
      this.#at = this.#buffer.writeUInt16BE(argument, this.#at);
    } else if (argument < 0x100000000) {
      this.#at = this.#buffer.writeUInt8(type | 26, this.#at);
      this.#at = this.#buffer.writeUInt32BE(argument, this.#at);
    } else {
      this.#at = this.#buffer.writeUInt8(type | 27, this.#at);
      this.#at = this.#buffer.writeBigUInt64BE(BigInt(argument), this.#at);
    }
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
      this.#buffer.copy(grown, 0, 0, this.#at);
      this.#buffer = grown;
    }
  }
}
