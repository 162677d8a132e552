/** A JavaScript Set holds at most 2^24 entries. This many Sets can hold more than fits in memory. */
const SETS = 64;

/** A set of texts that can hold more entries than one Set. */
export class LargeSet {
  readonly #sets = Array.from({ length: SETS }, () => new Set<string>());

  /** @returns whether the text is new */
  add(text: string): boolean {
    const set = this.#sets[sumOf(text) % SETS] as Set<string>;
    const before = set.size;
    return set.add(text).size > before;
  }
}

function sumOf(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) {
    sum += text.charCodeAt(i);
  }
  return sum;
}
