import { bodyOf, storeSteps } from './chunks.ts';
import { claims } from './claims.ts';
import type { Mutations, Scope } from './scope.ts';
import { type LogStep, NOWHERE, put, type State, type Writer } from './state.ts';

const withWriter = (state: State, w: number, writer: Writer): State => ({
  ...state,
  writers: state.writers.with(w, writer),
});

/** The steps of a writer: CLAIM, CHUNK, WRITE and ACK. */
export function* writerSteps(state: State, w: number, scope: Scope): Generator<LogStep> {
  const writer = state.writers[w] as Writer;
  const mutations = scope.mutations ?? {};
  switch (writer.at) {
    case 'idle':
      yield* claimSteps(state, w, writer, scope);
      return;
    case 'storing':
      for (const [name, stored] of storeSteps(state, writer.claim, mutations)) {
        yield [`${w} ${name}`, withWriter(stored, w, { ...writer, at: 'sent' })];
      }
      return;
    case 'sent':
      yield landStep(state, w, writer, mutations);
      return;
    case 'applied':
      yield* hearSteps(state, w, writer, mutations);
  }
}

function* claimSteps(state: State, w: number, writer: Writer & { at: 'idle' }, scope: Scope): Generator<LogStep> {
  if (writer.claims === scope.claims || isBehindAnother(state, w)) {
    return;
  }
  const after = writer.claims === 0 ? acknowledgedSoFar(state) : writer.after;
  const count = writer.claims + 1;
  for (const [name, claim, tail] of claims(state, scope.mutations ?? {})) {
    const body = scope.chunks && bodyOf(w, count, scope.mutations ?? {});
    const next: Writer = body
      ? { at: 'storing', claims: count, after, claim: { ...claim, body } }
      : { at: 'sent', claims: count, after, claim };
    yield [`${w} ${name}`, withWriter({ ...state, tail }, w, next)];
  }
}

/** Writers that have not begun are all alike. It is enough that they begin one after the other. */
function isBehindAnother({ writers }: State, w: number): boolean {
  const isNew = (writer: Writer | undefined) => writer?.at === 'idle' && writer.claims === 0;
  return isNew(writers[w]) && isNew(writers[w - 1]);
}

/** The highest acknowledged position. What is put later has to stand above it, and nowhere once the log has ended. */
function acknowledgedSoFar({ writers, sealers }: State): number {
  const positions = writers.map((writer) => (writer.at === 'acknowledged' ? writer.position : -1));
  return sealers.some(({ at }) => at === 'done') ? NOWHERE : Math.max(...positions);
}

/** WRITE. If the put is refused, the writer claims again. */
function landStep(state: State, w: number, writer: Writer & { at: 'sent' }, mutations: Mutations): LogStep {
  const { claim, claims, after } = writer;
  const { position, ...content } = claim;
  const landed = put(state, position, { kind: 'data', writer: w, ...content }, mutations.overwrite);
  if (landed === undefined) {
    return [`${w}'s put at ${position} is refused`, withWriter(state, w, { at: 'idle', claims, after })];
  }
  const applied: Writer = { at: 'applied', position, inOrder: position > after, claimed: claim.claimed };
  return [`${w}'s put at ${position} is applied`, withWriter(landed, w, applied)];
}

/** ACK within the deadline. */
function* hearSteps(
  state: State,
  w: number,
  { position, inOrder, claimed }: Writer & { at: 'applied' },
  mutations: Mutations,
): Generator<LogStep> {
  if (state.now - claimed <= 1 || mutations.acknowledgeLate) {
    yield [`${w} acknowledges ${position}`, withWriter(state, w, { at: 'acknowledged', position, inOrder })];
  }
}
