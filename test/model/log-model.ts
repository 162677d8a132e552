import { delayedSteps } from './chunks.ts';
import { type Exploration, explore } from './explore.ts';
import { violation } from './promises.ts';
import { readerSteps } from './readers.ts';
import type { Scope } from './scope.ts';
import { sealerSteps } from './sealers.ts';
import type { LogStep, State } from './state.ts';
import { writerSteps } from './writers.ts';

/**
 * The protocol of docs/log.md as a model that is small enough to be explored completely. Writers reserve or guess a
 * position. Their puts land at any later time, or never. Readers fill and skip. There are sealers, and a clock that an
 * adversary advances. Every step is atomic, like one DynamoDB call or one read of a clock. Every order of steps is
 * tried. Everyone may die after any step, and then takes no further one. A writer may guess above any link of a chain,
 * however long ago it read the link. (docs/glossary.md)
 *
 * Time is counted in units of the acknowledgement deadline. A writer acknowledges within one unit of its claim. A
 * reader fills a gap from an age of one on. It skips a gap whose age is more than one.
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
