import type { Mutations } from './scope.ts';
import type { Chunk, Claim, LogStep, State } from './state.ts';

/** The chunk in which a writer stores the body of its claim. No other body has its token. */
export function bodyOf(w: number, version: number, mutations: Mutations): Chunk {
  return { token: mutations.oneTokenForAllBodies ? `${w}` : `${w}.${version}`, version };
}

/** CHUNK. A writer sends a put again when the response is lost. The first attempt may then land at any later time. */
export function* storeSteps(state: State, { body }: Claim, mutations: Mutations): Generator<LogStep> {
  if (body === undefined) {
    return;
  }
  const stored = putChunk(state, body, mutations);
  yield [`stores body ${body.version}`, stored];
  if (state.delayed === undefined) {
    yield [`stores body ${body.version} by a second attempt`, { ...stored, delayed: body }];
  }
}

export function* delayedSteps(state: State, mutations: Mutations): Generator<LogStep> {
  const { delayed } = state;
  if (delayed !== undefined && delayed !== 'landed') {
    const landed = putChunk(state, delayed, mutations);
    yield [`the first attempt to store body ${delayed.version} lands`, { ...landed, delayed: 'landed' }];
  }
}

/** Puts a chunk on condition that nothing is there. If several bodies had one token, the put would have to replace. */
function putChunk(state: State, chunk: Chunk, { oneTokenForAllBodies: replaces }: Mutations): State {
  const others = state.chunks.filter(({ token }) => token !== chunk.token);
  const isFree = others.length === state.chunks.length;
  return isFree || replaces ? { ...state, chunks: [...others, chunk].toSorted(byToken) } : state;
}

const byToken = (a: Chunk, b: Chunk): number => (a.token < b.token ? -1 : 1);
