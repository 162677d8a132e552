/** One character each. */
const MAX_PARTS = 2 ** 16;

/**
 * Writes states as short texts, so that millions of them have room in memory. A state's parts (its numbers and objects, and
 * the elements of its lists) are few, and most are the same from one state to the next: each becomes one character, equal
 * parts the same one.
 */
export class StateTexts<State extends object> {
  readonly #names: readonly (keyof State)[];
  readonly #isList: readonly boolean[];
  readonly #parts: unknown[] = [];
  readonly #numbers = new Map<unknown, number>();
  readonly #numbersByJson = new Map<string, number>();

  /** @param example has the properties that every state has, some of them lists */
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
      // Only the part that all later states share: what else looks like it comes and goes.
      this.#numbers.set(part, number);
    }
    return number;
  }
}
