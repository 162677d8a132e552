import type { Mutations } from './scope.ts';
import { type Cell, type LogStep, newestOf, put, type Sealer, type State, sealOf } from './state.ts';

const withSealer = (state: State, s: number, sealer: Sealer): State => ({
  ...state,
  sealers: state.sealers.with(s, sealer),
});

/**
 * SEAL. A sealer closes the tail, chooses a position, puts the seal, breaks the chain, and decides the closing time.
 */
export function* sealerSteps(state: State, s: number, mutations: Mutations): Generator<LogStep> {
  const sealer = state.sealers[s] as Sealer;
  switch (sealer.at) {
    case 'waiting':
      yield* closeSteps(state, s, mutations);
      return;
    case 'closed':
    case 'refused':
      yield* lookSteps(state, s, sealer, mutations);
      return;
    case 'choosing':
      yield chooseStep(state, s, sealer, mutations);
      return;
    case 'putting':
      yield putStep(state, s, sealer, mutations);
      return;
    case 'breaking':
      yield breakStep(state, s, mutations);
      return;
    case 'filling':
      yield fillStep(state, s, sealer, mutations);
      return;
    case 'deciding':
      yield decideStep(state, s);
      return;
    case 'ending':
      yield endStep(state, s, sealer, mutations);
  }
}

/** Sealers that have not begun are alike, as are such writers. It is enough that they begin one after the other. */
function* closeSteps(state: State, s: number, mutations: Mutations): Generator<LogStep> {
  if (state.sealers[s - 1]?.at !== 'waiting') {
    const tail = mutations.sealWithoutClosing ? state.tail : { ...state.tail, open: false };
    const closed: Sealer = { at: 'closed', chosen: tail.sealPosition, time: state.now };
    yield [`sealer ${s} closes the tail`, withSealer({ ...state, tail }, s, closed)];
  }
}

/**
 * If there is a seal, it is the seal of the log. If a position is chosen and not known to be taken, the sealer puts
 * the seal there.
 */
function* lookSteps(
  state: State,
  s: number,
  { at, chosen, time }: Sealer & { at: 'closed' | 'refused' },
  mutations: Mutations,
): Generator<LogStep> {
  const newest = newestOf(state);
  if (state.cells[newest]?.kind === 'seal') {
    yield [`sealer ${s} finds the seal`, withSealer(state, s, afterSeal(mutations))];
  } else if (at === 'closed' && chosen !== undefined && !mutations.sealWithoutChoice) {
    yield [`sealer ${s} finds ${chosen} chosen`, withSealer(state, s, putting(state, chosen, newest, time))];
  } else {
    const { tail } = state;
    const lowest = mutations.sealBelowReservations ? newest + 1 : Math.max(tail.next, newest + 1);
    // One position further up, in case the chain grows too fast.
    for (const position of tail.claims === 'guess' ? [lowest, lowest + 1] : [lowest]) {
      const choosing: Sealer = { at: 'choosing', chosen, position, newest, time };
      yield [`sealer ${s} would seal at ${position}`, withSealer(state, s, choosing)];
    }
  }
}

/** Chooses a position on condition that nobody has chosen meanwhile. Otherwise, the other's choice counts. */
function chooseStep(
  state: State,
  s: number,
  { chosen, position, newest, time }: Sealer & { at: 'choosing' },
  mutations: Mutations,
): LogStep {
  const { sealPosition } = state.tail;
  if (sealPosition !== undefined && sealPosition !== chosen && !mutations.sealWithoutChoice) {
    return [
      `sealer ${s} finds ${sealPosition} chosen`,
      withSealer(state, s, putting(state, sealPosition, newest, time)),
    ];
  }
  const tail = mutations.sealWithoutChoice ? state.tail : { ...state.tail, sealPosition: position };
  return [`sealer ${s} chooses ${position}`, withSealer({ ...state, tail }, s, putting(state, position, newest, time))];
}

/** The sealer knows from the newest batch that it saw whether something may still be put below the seal. */
function putting({ tail }: State, position: number, newest: number, time: number): Sealer {
  return { at: 'putting', position, ahead: tail.claims === 'guess' && position > newest + 1, time };
}

function putStep(
  state: State,
  s: number,
  { position, ahead, time }: Sealer & { at: 'putting' },
  mutations: Mutations,
): LogStep {
  const { tail, cells } = state;
  const before = tail.claims === 'reserve' ? tail.reserved : time;
  const sealed = put(state, position, { kind: 'seal', before, claimed: time, ahead });
  if (sealed !== undefined) {
    return [`sealer ${s} puts the seal at ${position}`, withSealer(sealed, s, afterSeal(mutations))];
  }
  return cells[position]?.kind === 'seal'
    ? [`sealer ${s} finds the seal at ${position}`, withSealer(state, s, afterSeal(mutations))]
    : [`sealer ${s} finds ${position} taken`, withSealer(state, s, { at: 'refused', chosen: position, time })];
}

const afterSeal = ({ closeBeforeBreak }: Mutations): Sealer => ({ at: closeBeforeBreak ? 'deciding' : 'breaking' });

/** If the seal stands above a gap, a fill below it breaks the chain. */
function breakStep(state: State, s: number, mutations: Mutations): LogStep {
  const position = chainEnd(state);
  return position === undefined || mutations.sealWithoutBreaking
    ? [`sealer ${s} sees that nothing grows`, withSealer(state, s, afterBreak(state, mutations))]
    : [`sealer ${s} decides to fill ${position}`, withSealer(state, s, { at: 'filling', position })];
}

function fillStep(state: State, s: number, { position }: Sealer & { at: 'filling' }, mutations: Mutations): LogStep {
  const { before, claimed } = state.cells[sealOf(state)] as Cell;
  const filled = put(state, position, { kind: 'fill', before, claimed });
  return filled === undefined
    ? [`sealer ${s} finds ${position} taken`, withSealer(state, s, { at: 'breaking' })]
    : [`sealer ${s} fills ${position}`, withSealer(filled, s, afterBreak(state, mutations))];
}

const afterBreak = ({ end }: State, { closeBeforeBreak }: Mutations): Sealer =>
  closeBeforeBreak ? { at: 'done', end } : { at: 'deciding' };

/** The only position below the seal that the chain can still take; undefined if there is none. */
function chainEnd(state: State): number | undefined {
  const { cells, tail } = state;
  const seal = sealOf(state);
  const newest = cells.findLastIndex((cell, position) => cell !== null && position < seal);
  const cell = cells[newest];
  const isEnded = newest >= tail.next - 1 && !(cell?.kind === 'data' && cell.link);
  const end = Math.max(tail.next - 1, newest + 1);
  return tail.claims === 'guess' && !isEnded && end < seal ? end : undefined;
}

/**
 * The closing time: no record in the log, and no reserved one, may have been claimed later. Fills count too, so a
 * later read may see a later end.
 */
function decideStep(state: State, s: number): LogStep {
  const end = Math.max(state.tail.reserved, ...state.cells.map((cell) => cell?.claimed ?? 0));
  return [`sealer ${s} sees the end at ${end}`, withSealer(state, s, { at: 'ending', end })];
}

/** The first decision counts. */
function endStep(state: State, s: number, sealer: Sealer & { at: 'ending' }, mutations: Mutations): LogStep {
  const end = mutations.closeTwice ? sealer.end : (state.end ?? sealer.end);
  const next: Sealer = mutations.closeBeforeBreak ? { at: 'breaking' } : { at: 'done', end };
  return [`sealer ${s} decides that the end is ${end}`, withSealer({ ...state, end }, s, next)];
}
