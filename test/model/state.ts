import type { Step } from './explore.ts';

/** A body in a chunk of its own. Each claim of a writer admits other records: its version is the number of the claim. */
export interface Chunk {
  readonly token: string;
  readonly version: number;
}

/**
 * What stands at a position. `claimed` is when its writer claimed it, or a reader filled it; `before` bounds the claims below
 * it; above a `link` of a chain the next position may be guessed; `body` is the chunk that it names, and the version that it
 * was made of.
 */
export type Cell =
  | {
      readonly kind: 'data';
      readonly writer: number;
      readonly before: number;
      readonly claimed: number;
      readonly link: boolean;
      readonly body?: Chunk;
    }
  /** An `ahead` seal was put above the end of a chain, which may still grow up to it. */
  | { readonly kind: 'fill' | 'seal'; readonly before: number; readonly claimed: number; readonly ahead?: boolean };

export interface Claim {
  readonly position: number;
  readonly claimed: number;
  readonly before: number;
  readonly link: boolean;
  readonly body?: Chunk;
}

/** Above every position: nothing may be acknowledged at all. */
export const NOWHERE = 99;

/**
 * A writer has one record to append. `after` is the highest position that had been acknowledged when it began, and it is
 * `inOrder` when its position is above that. One that dies is one that takes no further step: its put lands, or does not.
 */
export type Writer =
  | { readonly at: 'idle'; readonly claims: number; readonly after: number }
  /** With bodies in chunks: its chunk has to stand before its batch is put. */
  | { readonly at: 'storing'; readonly claims: number; readonly after: number; readonly claim: Claim }
  /** Its put is on the way and lands at any time. */
  | { readonly at: 'sent'; readonly claims: number; readonly after: number; readonly claim: Claim }
  /** Its put has been applied; it has not heard yet. */
  | { readonly at: 'applied'; readonly position: number; readonly inOrder: boolean; readonly claimed: number }
  | { readonly at: 'acknowledged'; readonly position: number; readonly inOrder: boolean };

/** Missing positions below `found`, as a look at the log saw them. */
export interface Gap {
  readonly found: number;
  readonly before: number;
  /** Whether a seal that was put ahead follows. */
  readonly belowAhead: boolean;
}

export interface Reader {
  /** The position that it reads next. */
  readonly next: number;
  /** The writers whose records it was given, in order. */
  readonly seen: readonly number[];
  /** The clock that it took for its next look. */
  readonly clock?: number;
  /** A gap that it looked at without having taken the clock before: a mistake. */
  readonly gap?: Gap;
  /** It has decided to fill `next`, and to go on at `resume` if it is the one who does. */
  readonly filling?: { readonly resume: number; readonly before: number };
}

/**
 * One execution of the step that seals, of which two may run at once. `time` is the clock that it took as soon as the tail had
 * closed: with a later one, readers wait longer and the shard ends later.
 */
export type Sealer =
  | { readonly at: 'waiting' | 'breaking' | 'deciding' }
  /** It has read the tail, and where the seal was to be put: undefined while nobody had chosen. */
  | { readonly at: 'closed'; readonly chosen: number | undefined; readonly time: number }
  /** It has found a record where the seal was to be put. */
  | { readonly at: 'refused'; readonly chosen: number; readonly time: number }
  /** It has looked at the `newest` batch and would have the seal at `position`. */
  | {
      readonly at: 'choosing';
      readonly chosen: number | undefined;
      readonly position: number;
      readonly newest: number;
      readonly time: number;
    }
  | { readonly at: 'putting'; readonly position: number; readonly ahead: boolean; readonly time: number }
  | { readonly at: 'filling'; readonly position: number }
  /** It has seen that the log can have ended at `end`. */
  | { readonly at: 'ending'; readonly end: number }
  /** It knows when the log ended, so children may open. */
  | { readonly at: 'done'; readonly end: number | undefined };

export interface Tail {
  readonly open: boolean;
  readonly claims: 'reserve' | 'guess';
  readonly next: number;
  readonly reserved: number;
  /** Where the seal is put. */
  readonly sealPosition?: number;
}

export interface State {
  readonly now: number;
  readonly cells: readonly (Cell | null)[];
  readonly tail: Tail;
  /** The closing time, once it is decided. */
  readonly end: number | undefined;
  readonly writers: readonly Writer[];
  readonly readers: readonly Reader[];
  readonly sealers: readonly Sealer[];
  readonly chunks: readonly Chunk[];
  /** The first attempt to put a chunk, which lands after the second one. */
  readonly delayed: Chunk | 'landed' | undefined;
}

export type LogStep = Step<State>;

/** Puts a cell on condition that nothing stands there. @returns undefined when something does */
export function put(state: State, position: number, cell: Cell, overwrite = false): State | undefined {
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

/** Where the newest batch stands; -1 when there is none. */
export const newestOf = ({ cells }: State): number => cells.length - 1;

/** Where the seal stands; -1 when there is none. */
export const sealOf = ({ cells }: State): number => cells.findIndex((cell) => cell?.kind === 'seal');
