/** A Set of JavaScript holds 2^24 entries at most; as many as this hold more than memory does. */
const SETS = 64;

/** A set of texts that may hold more of them than one Set can. */
export class LargeSet {
  readonly #sets = Array.from({ length: SETS }, () => new Set<string>());

  /** @returns whether it is new */
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
