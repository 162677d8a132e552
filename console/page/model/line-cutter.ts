/** Cuts a text that comes in parts into its lines. However long a line is, each part of it is looked at once. */
export class LineCutter {
  #begun: string[] = [];

  /** @returns the lines that are whole now, without their ends */
  push(part: string): string[] {
    const lines: string[] = [];
    const [first = '', ...others] = part.split('\n');
    this.#begun.push(first);
    for (const next of others) {
      lines.push(this.rest);
      this.#begun = [next];
    }
    return lines;
  }

  /** The line that is not whole yet. */
  get rest(): string {
    return this.#begun.join('');
  }

  /** How long that is, in characters. */
  get length(): number {
    return this.#begun.reduce((sum, part) => sum + part.length, 0);
  }
}
