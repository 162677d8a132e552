/** The height of a row, px. */
export const ROW_HEIGHT = 28;

/** Beyond this, browsers do not draw, px: a pixel of a higher table is more than a part of a row. */
const MAX_HEIGHT = 8_000_000;

/** Rows above and below those in sight. */
const SPARE = 6;

/** How far a table is scrolled. */
export interface Scrolled {
  /** All rows that there are. */
  readonly count: number;
  /** What of it is in sight, px. */
  readonly view: number;
  /** Where the sight begins, px. */
  readonly top: number;
}

/** The rows of a table that are in the page. */
export interface RowWindow {
  readonly from: number;
  readonly shown: number;
  /** Where the first of them is, px. */
  readonly offset: number;
}

/** The height of the whole table, px. */
export const tableHeight = (count: number): number => Math.min(count * ROW_HEIGHT, MAX_HEIGHT);

/** How many rows pass with each pixel, so that both ends of the table are reached. */
function rowsPerPixel({ count, view }: Scrolled): number {
  const hidden = tableHeight(count) - view;
  return hidden <= 0 ? 0 : (count - view / ROW_HEIGHT) / hidden;
}

/** The rows in sight, and some around them. */
export function rowWindow(scrolled: Scrolled): RowWindow {
  const { count, view, top } = scrolled;
  const first = top * rowsPerPixel(scrolled);
  const from = Math.max(0, Math.floor(first) - SPARE);
  return {
    from,
    shown: Math.max(0, Math.min(count - from, Math.ceil(view / ROW_HEIGHT) + 2 * SPARE)),
    offset: Math.round(top - (first - from) * ROW_HEIGHT),
  };
}

/** Where the sight has to begin for a row and the next one to be in it, px: the nearest such place. */
export function topWithRow(row: number, scrolled: Scrolled): number {
  const { view, top } = scrolled;
  const perPixel = rowsPerPixel(scrolled);
  const topOf = (first: number) => (perPixel === 0 ? 0 : Math.max(0, first / perPixel));
  return Math.max(topOf(row + 2 - view / ROW_HEIGHT), Math.min(topOf(row), top));
}
