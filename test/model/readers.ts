import type { Mutations } from './scope.ts';
import { type Cell, type Gap, type LogStep, put, type Reader, type State } from './state.ts';

const withReader = (state: State, r: number, reader: Reader): State => ({
  ...state,
  readers: state.readers.with(r, reader),
});

/** A reader takes its clock, reads the log, and judges what it saw by that clock. */
export function* readerSteps(state: State, r: number, mutations: Mutations): Generator<LogStep> {
  const reader = state.readers[r] as Reader;
  if (reader.filling !== undefined) {
    yield fillStep(state, r, reader, reader.filling, mutations);
  } else if (reader.gap !== undefined) {
    yield judgeStep(state, r, reader, { gap: reader.gap, clock: state.now }, mutations);
  } else if (state.cells[reader.next]) {
    yield* readSteps(state, r, reader);
  } else if (reader.clock === undefined && !mutations.clockAfterLook) {
    yield [`reader ${r} takes its clock`, withReader(state, r, { ...reader, clock: state.now })];
  } else {
    yield* lookSteps(state, r, reader, mutations);
  }
}

function* readSteps(state: State, r: number, { next, seen }: Reader): Generator<LogStep> {
  const cell = state.cells[next];
  if (cell && cell.kind !== 'seal') {
    const given = cell.kind === 'data' ? [...seen, cell.writer] : seen;
    yield [`reader ${r} reads ${next}`, withReader(state, r, { next: next + 1, seen: given })];
  }
}

/** Nothing is at the reader's position. It checks whether that is a gap or the tip. */
function* lookSteps(state: State, r: number, reader: Reader, mutations: Mutations): Generator<LogStep> {
  const gap = gapAt(state, reader.next);
  const { next, seen, clock } = reader;
  if (clock === undefined) {
    if (gap !== undefined) {
      yield [`reader ${r} looks at the gap from ${next} to ${gap.found}`, withReader(state, r, { next, seen, gap })];
    }
  } else if (gap === undefined) {
    yield [`reader ${r} finds the tip`, withReader(state, r, { next, seen })];
  } else {
    yield judgeStep(state, r, reader, { gap, clock }, mutations);
  }
}

function gapAt({ cells }: State, next: number): Gap | undefined {
  const found = cells.findIndex((cell, position) => position > next && cell !== null);
  const cell = cells[found];
  return cell ? { found, before: cell.before, belowAhead: cell.kind === 'seal' && cell.ahead === true } : undefined;
}

/** Decides by the table of docs/log.md#readers. */
function judgeStep(
  state: State,
  r: number,
  { next, seen }: Reader,
  { gap, clock }: { readonly gap: Gap; readonly clock: number },
  mutations: Mutations,
): LogStep {
  const { found, before, belowAhead } = gap;
  const age = clock - before;
  if (mutations.skipByCount || (mutations.skipWithoutFilling && age > 1)) {
    return [`reader ${r} skips to ${found}`, withReader(state, r, { next: found, seen })];
  }
  if (age > 1 && (!belowAhead || mutations.skipBelowAheadSeal)) {
    const filling = { resume: found, before };
    return [`reader ${r} decides to fill ${next} and skip to ${found}`, withReader(state, r, { next, seen, filling })];
  }
  if (age >= 1) {
    const filling = { resume: next + 1, before };
    return [`reader ${r} decides to fill ${next}`, withReader(state, r, { next, seen, filling })];
  }
  return [`reader ${r} waits`, withReader(state, r, { next, seen })];
}

/** FILL. The reader goes on only if its own fill took the position. */
function fillStep(
  state: State,
  r: number,
  { next, seen }: Reader,
  { resume, before }: NonNullable<Reader['filling']>,
  mutations: Mutations,
): LogStep {
  const fill: Cell = { kind: 'fill', before, claimed: state.now };
  const filled = put(state, next, fill, mutations.fillUnconditionally);
  return filled === undefined
    ? [`reader ${r} finds ${next} taken`, withReader(state, r, { next, seen })]
    : [`reader ${r} fills ${next}`, withReader(filled, r, { next: resume, seen })];
}
