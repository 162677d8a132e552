/**
 * The protocol of docs/log.md as a model small enough to be explored completely: writers that reserve or guess a position,
 * puts that land at any later time or never, readers that fill and skip, a sealer, and a clock that an adversary advances.
 * Every step below is atomic, as one DynamoDB call is; every order of steps is tried. A writer may guess above any link of a
 * chain, however long ago it has seen it.
 *
 * Time is counted in units of the acknowledgement deadline: a writer acknowledges within one unit of its claim, a reader
 * fills from an age of one on, and skips from an age of more than one on.
 */

/**
 * What stands at a position. `claimed` is when its writer claimed it, `before` bounds the claims below it, and above a
 * `link` of a chain the next position may be guessed.
 */
export type Cell =
  | {
      readonly kind: 'data';
      readonly writer: number;
      readonly before: number;
      readonly claimed: number;
      readonly link: boolean;
    }
  /** An `ahead` seal was put above the end of a chain, which may still grow up to it. */
  | { readonly kind: 'fill' | 'seal'; readonly before: number; readonly claimed: number; readonly ahead?: boolean };

interface Claim {
  readonly position: number;
  readonly claimed: number;
  readonly before: number;
  readonly link: boolean;
}

/** Above every position: nothing may be acknowledged at all. */
const NOWHERE = 99;

/** A writer has one record to append. `after` is the highest position that had been acknowledged when it began. */
type Writer =
  | { readonly at: 'idle'; readonly claims: number; readonly after: number }
  /** Its put is on the way and lands at any time. */
  | { readonly at: 'sent'; readonly claims: number; readonly after: number; readonly claim: Claim }
  /** Its put has been applied, or refused; it has not heard yet. */
  | {
      readonly at: 'applied';
      readonly claims: number;
      readonly after: number;
      readonly claim: Claim;
      readonly written: boolean;
    }
  | { readonly at: 'acknowledged'; readonly after: number; readonly position: number }
  /** It gave up, or its process died; a put on the way may still land. */
  | { readonly at: 'dead'; readonly onTheWay?: Claim };

interface Reader {
  /** The position that it reads next. */
  readonly next: number;
  /** The writers whose records it was given, in order. */
  readonly seen: readonly number[];
  /** It has decided to fill `next`, and to go on at `resume` if it is the one who does. */
  readonly filling?: { readonly resume: number; readonly before: number };
}

type Sealer =
  | { readonly at: 'none' | 'waiting' | 'closed' | 'breaking' | 'done' }
  | { readonly at: 'putting'; readonly position: number; readonly ahead: boolean }
  | { readonly at: 'filling'; readonly position: number };

export interface State {
  readonly now: number;
  readonly cells: readonly (Cell | null)[];
  readonly tail: {
    readonly open: boolean;
    readonly claims: 'reserve' | 'guess';
    readonly next: number;
    readonly reserved: number;
  };
  readonly writers: readonly Writer[];
  readonly readers: readonly Reader[];
  readonly sealer: Sealer;
  readonly crashes: number;
}

/** Deliberate mistakes; each has to be found. */
export interface Mutations {
  readonly overwrite?: boolean;
  readonly fillUnconditionally?: boolean;
  readonly acknowledgeLate?: boolean;
  readonly skipWithoutFilling?: boolean;
  readonly skipByCount?: boolean;
  readonly guessElsewhere?: boolean;
  readonly guessAboveReserved?: boolean;
  readonly guessAboveSeal?: boolean;
  readonly reserveBesideChain?: boolean;
  readonly sealBelowReservations?: boolean;
  readonly sealWithoutClosing?: boolean;
  readonly sealWithoutBreaking?: boolean;
  readonly skipBelowAheadSeal?: boolean;
}

export interface Scope {
  readonly writers: number;
  readonly readers: number;
  readonly seals: boolean;
  readonly crashes: number;
  /** How far the clock goes. */
  readonly until: number;
  /** How often one writer claims. */
  readonly claims: number;
  readonly mutations?: Mutations;
}

/** What went wrong, and the steps that led there: a shortest story, since all shorter ones were tried first. */
export interface Violation {
  readonly what: string;
  readonly story: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly violation: Violation | undefined;
}

type Step = readonly [name: string, next: State];

/** Explores every reachable state, the nearest first. */
export function explore(scope: Scope): Exploration {
  const start = initial(scope);
  const keys = new Map<string, number>([[JSON.stringify(start), 0]]);
  const states: (State | undefined)[] = [start];
  const from: (readonly [parent: number, step: string])[] = [[-1, '']];
  for (let i = 0; i < states.length; i++) {
    const state = states[i] as State;
    states[i] = undefined;
    const what = violation(state);
    if (what !== undefined) {
      return { states: keys.size, violation: { what, story: storyOf(from, i) } };
    }
    for (const [step, next] of steps(state, scope)) {
      const key = JSON.stringify(next);
      if (!keys.has(key)) {
        keys.set(key, states.length);
        states.push(next);
        from.push([i, step]);
      }
    }
  }
  return { states: keys.size, violation: undefined };
}

function storyOf(from: readonly (readonly [number, string])[], end: number): string[] {
  const story: string[] = [];
  for (let i = end; i > 0; i = from[i]?.[0] ?? 0) {
    story.unshift(from[i]?.[1] ?? '');
  }
  return story;
}

function initial(scope: Scope): State {
  return {
    now: 0,
    cells: [],
    tail: { open: true, claims: 'reserve', next: 0, reserved: 0 },
    writers: Array.from({ length: scope.writers }, () => ({ at: 'idle', claims: 0, after: -1 })),
    readers: Array.from({ length: scope.readers }, () => ({ next: 0, seen: [] })),
    sealer: { at: scope.seals ? 'waiting' : 'none' },
    crashes: 0,
  };
}

/**
 * The promises: nothing acknowledged is lost or passed; what was put after another record had been acknowledged stands after
 * it, and nowhere once the log has ended; readers agree with the log's order; nothing lies beyond a seal.
 */
function violation(state: State): string | undefined {
  return beyondSeal(state) ?? brokenAcknowledgement(state) ?? brokenOrder(state);
}

function beyondSeal({ cells }: State): string | undefined {
  const seal = cells.findIndex((cell) => cell?.kind === 'seal');
  return seal !== -1 && seal < cells.length - 1 ? 'something lies beyond the seal' : undefined;
}

function brokenAcknowledgement({ cells, writers, readers }: State): string | undefined {
  for (const [w, writer] of writers.entries()) {
    if (writer.at === 'acknowledged') {
      const cell = cells[writer.position];
      if (cell?.kind !== 'data' || cell.writer !== w) {
        return `the acknowledged record of writer ${w} is lost`;
      }
      if (writer.position <= writer.after) {
        return `the record of writer ${w} stands before one that was acknowledged earlier`;
      }
      if (readers.some((reader) => reader.next > writer.position && !reader.seen.includes(w))) {
        return `a reader passed the acknowledged record of writer ${w}`;
      }
    }
  }
  return undefined;
}

function brokenOrder({ cells, readers }: State): string | undefined {
  const order = cells.flatMap((cell) => (cell?.kind === 'data' ? [cell.writer] : []));
  for (const { seen } of readers) {
    if (new Set(seen).size < seen.length) {
      return 'a reader was given a record twice';
    }
    if (seen.some((w, i) => i > 0 && order.indexOf(w) < order.indexOf(seen[i - 1] ?? -1))) {
      return 'a reader was given records out of order';
    }
  }
  return undefined;
}

function* steps(state: State, scope: Scope): Generator<Step> {
  if (state.now < scope.until) {
    yield ['a unit of time passes', { ...state, now: state.now + 1 }];
  }
  for (const w of state.writers.keys()) {
    yield* writerSteps(state, w, scope);
  }
  for (const r of state.readers.keys()) {
    yield* readerSteps(state, r, scope.mutations ?? {});
  }
  yield* sealerSteps(state, scope.mutations ?? {});
}

const withWriter = (state: State, w: number, writer: Writer): State => ({
  ...state,
  writers: state.writers.with(w, writer),
});

function put(state: State, position: number, cell: Cell, overwrite = false): State | undefined {
  if (state.cells[position] && !overwrite) {
    return undefined;
  }
  const cells = [...state.cells];
  while (cells.length < position) {
    cells.push(null);
  }
  cells[position] = cell;
  return { ...state, cells };
}

function* writerSteps(state: State, w: number, scope: Scope): Generator<Step> {
  const writer = state.writers[w] as Writer;
  const mutations = scope.mutations ?? {};
  if (writer.at === 'idle' && writer.claims < scope.claims) {
    const after = writer.claims === 0 ? acknowledgedSoFar(state) : writer.after;
    for (const [name, claim, tail] of claims(state, mutations)) {
      const sent: Writer = { at: 'sent', claims: writer.claims + 1, after, claim };
      yield [`${w} ${name}`, withWriter({ ...state, tail }, w, sent)];
    }
  } else if (writer.at === 'sent') {
    yield* sentSteps(state, w, writer, scope);
  } else if (writer.at === 'applied') {
    yield hearSteps(state, w, writer, mutations);
  } else if (writer.at === 'dead' && writer.onTheWay !== undefined) {
    const landed = land(state, w, writer.onTheWay, mutations);
    yield [`dead ${w}'s put lands`, withWriter(landed ?? state, w, { at: 'dead' })];
  }
}

function* sentSteps(state: State, w: number, writer: Writer & { at: 'sent' }, scope: Scope): Generator<Step> {
  const landed = land(state, w, writer.claim, scope.mutations ?? {});
  yield [
    `${w}'s put at ${writer.claim.position} is ${landed ? 'applied' : 'refused'}`,
    withWriter(landed ?? state, w, { ...writer, at: 'applied', written: landed !== undefined }),
  ];
  if (state.crashes < scope.crashes) {
    const crashed = { ...state, crashes: state.crashes + 1 };
    yield [`${w} dies, its put on the way`, withWriter(crashed, w, { at: 'dead', onTheWay: writer.claim })];
  }
}

function acknowledgedSoFar({ writers, sealer }: State): number {
  const positions = writers.map((writer) => (writer.at === 'acknowledged' ? writer.position : -1));
  return sealer.at === 'done' ? NOWHERE : Math.max(...positions);
}

function land(state: State, w: number, claim: Claim, mutations: Mutations): State | undefined {
  const { position, before, claimed, link } = claim;
  return put(state, position, { kind: 'data', writer: w, before, claimed, link }, mutations.overwrite);
}

/** ACK within the deadline; a put that was refused is claimed anew. */
function hearSteps(state: State, w: number, writer: Writer & { at: 'applied' }, mutations: Mutations): Step {
  const { claim, claims, after, written } = writer;
  if (!written) {
    return [`${w} claims anew`, withWriter(state, w, { at: 'idle', claims, after })];
  }
  const { position } = claim;
  return state.now - claim.claimed <= 1 || mutations.acknowledgeLate
    ? [`${w} acknowledges ${position}`, withWriter(state, w, { at: 'acknowledged', after, position })]
    : [`${w} is too late`, withWriter(state, w, { at: 'dead' })];
}

type Claiming = readonly [name: string, claim: Claim, tail: State['tail']];

/** Every way in which a position can be claimed in a state. */
function* claims(state: State, mutations: Mutations): Generator<Claiming> {
  yield* guesses(state, mutations);
  const { tail, cells, now } = state;
  if (!tail.open) {
    return;
  }
  yield* claimsOfTail(state, mutations);
  if (tail.claims === 'guess' && !cells[tail.next - 1]) {
    const head = { position: tail.next - 1, claimed: now, before: tail.reserved, link: true };
    yield [`takes the head ${head.position}`, head, tail];
  }
}

/** RESERVE, and the changes between reserving and guessing. */
function* claimsOfTail({ tail, cells, now }: State, mutations: Mutations): Generator<Claiming> {
  const { next } = tail;
  const reserved = Math.max(now, tail.reserved);
  const claim = { position: next, claimed: now, before: tail.reserved, link: false };
  if (tail.claims === 'reserve' || mutations.reserveBesideChain) {
    yield [`reserves ${next}`, claim, { ...tail, next: next + 1, reserved }];
  }
  if (tail.claims === 'reserve') {
    yield [
      `reserves the head ${next}`,
      { ...claim, link: true },
      { ...tail, claims: 'guess', next: next + 1, reserved },
    ];
    return;
  }
  for (const [below, cell] of cells.entries()) {
    const position = below + 1;
    if (cell?.kind === 'data' && next <= position) {
      const above = { position, claimed: now, before: Math.max(cell.before, cell.claimed), link: cell.link };
      yield cell.link
        ? [`renews the chain at ${position}`, above, { ...tail, next: position + 1, reserved }]
        : [
            `reserves ${position} above the last link`,
            above,
            { ...tail, claims: 'reserve', next: position + 1, reserved },
          ];
    }
  }
}

/** GUESS: the position right above a link, as another link or as the last one. */
function* guesses({ tail, cells, now }: State, mutations: Mutations): Generator<Claiming> {
  for (const [below, cell] of cells.entries()) {
    const isLink = cell?.kind === 'data' && (cell.link || mutations.guessAboveReserved);
    if (cell && (isLink || (mutations.guessAboveSeal && cell.kind === 'seal'))) {
      const position = below + (mutations.guessElsewhere ? 2 : 1);
      const claim = { position, claimed: now, before: Math.max(cell.before, cell.claimed) };
      yield [`guesses ${position}`, { ...claim, link: true }, tail];
      yield [`guesses ${position} as the last link`, { ...claim, link: false }, tail];
    }
  }
}

const withReader = (state: State, r: number, reader: Reader): State => ({
  ...state,
  readers: state.readers.with(r, reader),
});

function* readerSteps(state: State, r: number, mutations: Mutations): Generator<Step> {
  const reader = state.readers[r] as Reader;
  if (reader.filling !== undefined) {
    yield fillStep(state, r, reader, reader.filling, mutations);
    return;
  }
  const cell = state.cells[reader.next];
  if (cell) {
    if (cell.kind !== 'seal') {
      const seen = cell.kind === 'data' ? [...reader.seen, cell.writer] : reader.seen;
      yield [`reader ${r} reads ${reader.next}`, withReader(state, r, { next: reader.next + 1, seen })];
    }
    return;
  }
  const found = state.cells.findIndex((candidate, position) => position > reader.next && candidate !== null);
  if (found !== -1) {
    yield* gapSteps(state, r, reader, found, mutations);
  }
}

function* gapSteps(state: State, r: number, reader: Reader, found: number, mutations: Mutations): Generator<Step> {
  const cell = state.cells[found];
  const before = cell?.before ?? 0;
  const age = state.now - before;
  if (mutations.skipByCount) {
    yield [`reader ${r} skips to ${found}`, withReader(state, r, { ...reader, next: found })];
  } else if (age > 1 && mutations.skipWithoutFilling) {
    yield [`reader ${r} skips to ${found}`, withReader(state, r, { ...reader, next: found })];
  } else if (age > 1 && !(cell?.kind === 'seal' && cell.ahead && !mutations.skipBelowAheadSeal)) {
    const filling = { resume: found, before };
    yield [`reader ${r} decides to fill ${reader.next} and skip`, withReader(state, r, { ...reader, filling })];
  } else if (age >= 1) {
    const filling = { resume: reader.next + 1, before };
    yield [`reader ${r} decides to fill ${reader.next}`, withReader(state, r, { ...reader, filling })];
  }
}

/** FILL, and go on only if it was this reader's fill that took the position. */
function fillStep(
  state: State,
  r: number,
  { next, seen }: Reader,
  { resume, before }: NonNullable<Reader['filling']>,
  mutations: Mutations,
): Step {
  const filled = put(state, next, { kind: 'fill', before, claimed: before }, mutations.fillUnconditionally);
  return filled === undefined
    ? [`reader ${r} finds ${next} taken`, withReader(state, r, { next, seen })]
    : [`reader ${r} fills ${next}`, withReader(filled, r, { next: resume, seen })];
}

function* sealerSteps(state: State, mutations: Mutations): Generator<Step> {
  const { sealer, tail } = state;
  if (sealer.at === 'waiting') {
    const closed = mutations.sealWithoutClosing ? tail : { ...tail, open: false };
    yield ['the tail closes', { ...state, tail: closed, sealer: { at: 'closed' } }];
  } else if (sealer.at === 'closed') {
    yield* choosingSteps(state, mutations);
  } else if (sealer.at === 'putting') {
    yield sealStep(state, sealer);
  } else {
    yield* breakingSteps(state, mutations);
  }
}

function* choosingSteps(state: State, mutations: Mutations): Generator<Step> {
  const { tail, cells } = state;
  const lowest = mutations.sealBelowReservations ? cells.length : Math.max(tail.next, cells.length);
  // Further up when a chain grows too fast.
  for (const ahead of tail.claims === 'guess' ? [false, true] : [false]) {
    const position = lowest + (ahead ? 1 : 0);
    yield [`the sealer chooses ${position}`, { ...state, sealer: { at: 'putting', position, ahead } }];
  }
}

function sealStep(state: State, { position, ahead }: Sealer & { at: 'putting' }): Step {
  const { tail, now } = state;
  const before = tail.claims === 'reserve' ? tail.reserved : now;
  const sealed = put(state, position, { kind: 'seal', before, claimed: now, ahead });
  return sealed === undefined
    ? ['the seal finds its position taken', { ...state, sealer: { at: 'closed' } }]
    : [`the seal stands at ${position}`, { ...sealed, sealer: { at: 'breaking' } }];
}

/** Below a seal that stands above a gap, the chain is broken by a fill. */
function* breakingSteps(state: State, mutations: Mutations): Generator<Step> {
  const { sealer, now } = state;
  if (sealer.at === 'breaking') {
    const position = chainEnd(state);
    yield position !== undefined && !mutations.sealWithoutBreaking
      ? [`the sealer decides to fill ${position}`, { ...state, sealer: { at: 'filling', position } }]
      : ['the log has ended', { ...state, sealer: { at: 'done' } }];
  } else if (sealer.at === 'filling') {
    const fill: Cell = { kind: 'fill', before: now, claimed: now };
    const filled = put(state, sealer.position, fill);
    yield filled === undefined
      ? [`the sealer finds ${sealer.position} taken`, { ...state, sealer: { at: 'breaking' } }]
      : [`the sealer fills ${sealer.position}`, { ...filled, sealer: { at: 'done' } }];
  }
}

/** The one position below the seal that the chain can still take; undefined when there is none. */
function chainEnd({ cells, tail }: State): number | undefined {
  const newest = cells.findLastIndex((cell, position) => cell !== null && position < cells.length - 1);
  const cell = cells[newest];
  const isEnded = newest >= tail.next - 1 && !(cell?.kind === 'data' && cell.link);
  const end = Math.max(tail.next - 1, newest + 1);
  return tail.claims === 'guess' && !isEnded && end < cells.length - 1 ? end : undefined;
}
