import { delayedSteps } from './chunks.ts';
import { type Exploration, explore } from './explore.ts';
import { violation } from './promises.ts';
import { readerSteps } from './readers.ts';
import type { Scope } from './scope.ts';
import { sealerSteps } from './sealers.ts';
import type { LogStep, State } from './state.ts';
import { writerSteps } from './writers.ts';

/**
 * The protocol of docs/log.md as a model small enough to be explored completely: writers that reserve or guess a position,
 * puts that land at any later time or never, readers that fill and skip, sealers, and a clock that an adversary advances.
 * Every step is atomic, as one DynamoDB call or one look at a clock is; every order of steps is tried, and everyone may die
 * after any, which is to take no further one. A writer may guess above any link of a chain, however long ago it has seen it.
 *
 * Time is counted in units of the acknowledgement deadline: a writer acknowledges within one unit of its claim, a reader
 * fills from an age of one on, and skips from an age of more than one on.
 */
export function exploreLog(scope: Scope): Exploration {
  return explore({ start: startOf(scope), steps: (state) => stepsFrom(state, scope), violation });
}

function startOf(scope: Scope): State {
  return {
    now: 0,
    cells: [],
    tail: { open: true, claims: 'reserve', next: 0, reserved: 0 },
    end: undefined,
    writers: Array.from({ length: scope.writers }, () => ({ at: 'idle', claims: 0, after: -1 })),
    readers: Array.from({ length: scope.readers }, () => ({ next: 0, seen: [] })),
    sealers: Array.from({ length: scope.sealers }, () => ({ at: 'waiting' })),
    chunks: [],
    delayed: undefined,
  };
}

function* stepsFrom(state: State, scope: Scope): Generator<LogStep> {
  const mutations = scope.mutations ?? {};
  if (state.now < scope.until) {
    yield ['a unit of time passes', { ...state, now: state.now + 1 }];
  }
  for (const w of state.writers.keys()) {
    yield* writerSteps(state, w, scope);
  }
  for (const r of state.readers.keys()) {
    yield* readerSteps(state, r, mutations);
  }
  for (const s of state.sealers.keys()) {
    yield* sealerSteps(state, s, mutations);
  }
  yield* delayedSteps(state, mutations);
}
