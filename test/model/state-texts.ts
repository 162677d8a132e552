/** The limit of different parts: each is one character. */
const MAX_PARTS = 2 ** 16;

/**
 * Writes states as short texts, so that millions of them fit in memory. The parts of a state are its numbers and
 * objects, and the elements of its lists. There are few different parts, and most stay the same from one state to the
 * next. Each part becomes one character. Equal parts become the same character.
 */
export class StateTexts<State extends object> {
  readonly #names: readonly (keyof State)[];
  readonly #isList: readonly boolean[];
  readonly #parts: unknown[] = [];
  readonly #numbers = new Map<unknown, number>();
  readonly #numbersByJson = new Map<string, number>();

  /** @param example shows the properties that every state has, and which of them are lists */
  constructor(example: State) {
    this.#names = Object.keys(example) as (keyof State)[];
    this.#isList = this.#names.map((name) => Array.isArray(example[name]));
  }

  write(state: State): string {
    const codes: number[] = [];
    for (const name of this.#names) {
      const value: unknown = state[name];
      if (Array.isArray(value)) {
        codes.push(value.length);
        for (const element of value) {
          codes.push(this.#numberOf(element));
        }
      } else {
        codes.push(this.#numberOf(value));
      }
    }
    return String.fromCharCode(...codes);
  }

  read(text: string): State {
    const state: Partial<Record<keyof State, unknown>> = {};
    let at = 0;
    for (const [i, name] of this.#names.entries()) {
      if (this.#isList[i]) {
        const end = at + 1 + text.charCodeAt(at);
        const list: unknown[] = [];
        for (at++; at < end; at++) {
          list.push(this.#parts[text.charCodeAt(at)]);
        }
        state[name] = list;
      } else {
        state[name] = this.#parts[text.charCodeAt(at++)];
      }
    }
    return state as State;
  }

  #numberOf(part: unknown): number {
    const known = this.#numbers.get(part);
    if (known !== undefined) {
      return known;
    }
    const json = JSON.stringify(part) ?? '';
    const number = this.#numbersByJson.get(json) ?? this.#parts.length;
    if (number === this.#parts.length) {
      if (number === MAX_PARTS) {
        throw new Error('the states have too many different parts');
      }
      this.#parts.push(part);
      this.#numbersByJson.set(json, number);
      // Only the object that all later states share is kept here. Other objects that are equal to it are short-lived.
      this.#numbers.set(part, number);
    }
    return number;
  }
}
