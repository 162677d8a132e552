import { LargeSet } from './large-set.ts';
import { StateTexts } from './state-texts.ts';

/** A step: its name, and the state that follows. */
export type Step<State> = readonly [name: string, next: State];

/** What can be explored: a start, the steps from each state, and the promises that every state must keep. */
export interface Model<State extends object> {
  readonly start: State;
  readonly steps: (state: State) => Iterable<Step<State>>;
  /** @returns which promise a state breaks; undefined when it keeps all */
  readonly violation: (state: State) => string | undefined;
}

/** A broken promise, and the steps that lead to it. No story is shorter, because shorter ones are tried first. */
export interface Violation {
  readonly what: string;
  readonly story: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly violation: Violation | undefined;
}

/** Explores every reachable state, the nearest first, until one breaks a promise. */
export function explore<State extends object>(model: Model<State>): Exploration {
  const texts = new StateTexts(model.start);
  const found: string[] = [texts.write(model.start)];
  const parents: number[] = [-1];
  const known = new LargeSet();
  known.add(found[0] as string);
  for (let i = 0; i < found.length; i++) {
    const state = texts.read(found[i] as string);
    const what = model.violation(state);
    if (what !== undefined) {
      const path = pathTo(i, parents).map((at) => found[at] as string);
      return { states: found.length, violation: { what, story: storyAlong(path, model, texts) } };
    }
    for (const [, next] of model.steps(state)) {
      const text = texts.write(next);
      if (known.add(text)) {
        found.push(text);
        parents.push(i);
      }
    }
  }
  return { states: found.length, violation: undefined };
}

function pathTo(end: number, parents: readonly number[]): number[] {
  const path: number[] = [];
  for (let at = end; at >= 0; at = parents[at] as number) {
    path.unshift(at);
  }
  return path;
}

/** The names of the steps. They are generated again, because memory has no room for the names of millions of steps. */
function storyAlong<State extends object>(
  path: readonly string[],
  { steps }: Model<State>,
  texts: StateTexts<State>,
): string[] {
  return path.slice(1).map((text, i) => {
    const before = texts.read(path[i] as string);
    const [name] = [...steps(before)].find(([, next]) => texts.write(next) === text) ?? ['?'];
    return name;
  });
}
