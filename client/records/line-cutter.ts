const LINE_FEED = 0x0a;

/**
 * Cuts bytes that come in parts into lines. However long a line is, each part of it is looked at once. Only a line feed ends a line:
 * texts of JSON may contain all other line ends of Unicode.
 */
export class LineCutter {
  #begun: Uint8Array[] = [];
  #length = 0;

  /** @returns the lines that are whole now, without their ends */
  push(part: Uint8Array): Uint8Array[] {
    const lines: Uint8Array[] = [];
    let from = 0;
    for (let end = part.indexOf(LINE_FEED); end !== -1; end = part.indexOf(LINE_FEED, from)) {
      this.#add(part.subarray(from, end));
      lines.push(this.takeRest());
      from = end + 1;
    }
    this.#add(part.subarray(from));
    return lines;
  }

  /** The bytes of the line that is not whole yet. */
  get length(): number {
    return this.#length;
  }

  /** Takes the line that is not whole yet as it is. */
  takeRest(): Uint8Array {
    const [only] = this.#begun;
    const line = this.#begun.length === 1 && only !== undefined ? only : this.#joined();
    this.#begun = [];
    this.#length = 0;
    return line;
  }

  #add(part: Uint8Array): void {
    this.#begun.push(part);
    this.#length += part.length;
  }

  #joined(): Uint8Array {
    const line = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#begun) {
      line.set(part, at);
      at += part.length;
    }
    return line;
  }
}
