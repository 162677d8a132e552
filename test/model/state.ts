import type { Step } from './explore.ts';

/** A body in its own chunk. Each claim of a writer admits other records, so the version is the number of the claim. */
export interface Chunk {
  readonly token: string;
  readonly version: number;
}

/**
 * The batch at a position (docs/glossary.md). `claimed` is when its writer claimed it, or a reader filled it. No claim
 * below it is later than `before`. Above a `link` of a chain, the next position may be guessed. `body` is the chunk
 * that the batch names, and the version that it was made of.
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

/** A position above every other one: nothing may be acknowledged at all. */
export const NOWHERE = 99;

/**
 * A writer has one record to append. `after` is the highest position that was acknowledged when it began. It is
 * `inOrder` when its own position is above that. A writer that dies takes no further step: its put lands, or does not.
 */
export type Writer =
  | { readonly at: 'idle'; readonly claims: number; readonly after: number }
  /** With bodies in chunks: its chunk must be stored before its batch is put. */
  | { readonly at: 'storing'; readonly claims: number; readonly after: number; readonly claim: Claim }
  /** Its put is under way, and lands at any time. */
  | { readonly at: 'sent'; readonly claims: number; readonly after: number; readonly claim: Claim }
  /** Its put has been applied, but the response has not arrived yet. */
  | { readonly at: 'applied'; readonly position: number; readonly inOrder: boolean; readonly claimed: number }
  | { readonly at: 'acknowledged'; readonly position: number; readonly inOrder: boolean };

/** Missing positions below `found`, as one read of the log saw them. */
export interface Gap {
  readonly found: number;
  readonly before: number;
  /** Whether a seal that was put ahead follows the gap. */
  readonly belowAhead: boolean;
}

export interface Reader {
  /** The position that it reads next. */
  readonly next: number;
  /** The writers whose records it has read, in order. */
  readonly seen: readonly number[];
  /** The clock that it took for its next read of the log. */
  readonly clock?: number;
  /** A gap that it read without taking the clock before: a deliberate mistake. */
  readonly gap?: Gap;
  /** It has decided to fill `next`. It goes on at `resume` if its own fill takes the position. */
  readonly filling?: { readonly resume: number; readonly before: number };
}

/**
 * One execution of the step that seals. Two may run at once. `time` is the clock that it took as soon as the tail was
 * closed. With a later time, readers would wait longer, and the shard would end later.
 */
export type Sealer =
  | { readonly at: 'waiting' | 'breaking' | 'deciding' }
  /** It has read the tail, and the chosen position of the seal: undefined while nobody had chosen. */
  | { readonly at: 'closed'; readonly chosen: number | undefined; readonly time: number }
  /** It has found a record at the chosen position. */
  | { readonly at: 'refused'; readonly chosen: number; readonly time: number }
  /** It has read the `newest` batch, and wants the seal at `position`. */
  | {
      readonly at: 'choosing';
      readonly chosen: number | undefined;
      readonly position: number;
      readonly newest: number;
      readonly time: number;
    }
  | { readonly at: 'putting'; readonly position: number; readonly ahead: boolean; readonly time: number }
  | { readonly at: 'filling'; readonly position: number }
  /** It has seen that the log can have ended at the time `end`. */
  | { readonly at: 'ending'; readonly end: number }
  /** It knows when the log ended, so children may open. */
  | { readonly at: 'done'; readonly end: number | undefined };

export interface Tail {
  readonly open: boolean;
  readonly claims: 'reserve' | 'guess';
  readonly next: number;
  readonly reserved: number;
  /** The chosen position of the seal. */
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

/** Puts a cell on condition that nothing is at the position. @returns undefined when something is */
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

/** The position of the newest batch; -1 if there is none. */
export const newestOf = ({ cells }: State): number => cells.length - 1;

/** The position of the seal; -1 if there is none. */
export const sealOf = ({ cells }: State): number => cells.findIndex((cell) => cell?.kind === 'seal');
