import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualRowsProps {
  readonly label: string;
  readonly header: ComponentChildren;
  readonly columns: number;
  /** All rows that there are. */
  readonly count: number;
  readonly isSelected: (row: number) => boolean;
  /** A row that comes in sight, each time it is another object. Rows that come before it later do not move the table. */
  readonly inSight: { readonly row: number } | undefined;
  /** Enter. */
  readonly onOpen: () => void;
  /** A click. */
  readonly onPress: (row: number) => void;
  /** Hears which rows are in sight, each time others come. */
  readonly onWindow: (from: number, count: number) => void;
  /** The cells of a row; undefined: it is not there yet. */
  readonly row: (row: number) => ComponentChildren | undefined;
}

export const ROW_HEIGHT = 28;

/** Beyond this, browsers do not draw: the rows of a higher table are scrolled through in larger steps. */
const MAX_HEIGHT = 8_000_000;

/** Rows above and below those in sight. */
const SPARE = 6;

/** A table of any length, of which only the rows in sight are in the page. */
export function VirtualRows(props: VirtualRowsProps) {
  const { label, header, columns, count, isSelected, inSight, onOpen, onPress, onWindow, row } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [view, setView] = useState(600);
  const whole = count * ROW_HEIGHT;
  const height = Math.min(whole, MAX_HEIGHT);
  const isScaled = whole > MAX_HEIGHT;
  const inView = Math.ceil(view / ROW_HEIGHT);
  const first = isScaled
    ? Math.round((top / Math.max(1, height - view)) * Math.max(0, count - inView))
    : Math.floor(top / ROW_HEIGHT);
  const from = Math.max(0, first - SPARE);
  const shown = Math.max(0, Math.min(count - from, inView + 2 * SPARE));
  const offset = isScaled ? top - (first - from) * ROW_HEIGHT : from * ROW_HEIGHT;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) {
      return;
    }
    const resized = new ResizeObserver(() => setView(element.clientHeight));
    resized.observe(element);
    return () => resized.disconnect();
  }, []);
  useLayoutEffect(() => onWindow(from, shown), [from, shown]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (inSight === undefined || element === null || isScaled) {
      return;
    }
    const at = inSight.row * ROW_HEIGHT;
    if (at < element.scrollTop) {
      element.scrollTop = at;
    } else if (at + 2 * ROW_HEIGHT > element.scrollTop + element.clientHeight) {
      element.scrollTop = at + 2 * ROW_HEIGHT - element.clientHeight;
    }
  }, [inSight]);

  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      onOpen();
    }
  };
  return (
    <div class="rows" role="grid" aria-label={label} aria-rowcount={count + 1} aria-colcount={columns}>
      <div class="row row-header" role="row" aria-rowindex={1}>
        {header}
      </div>
      <div
        class="rows-scroll"
        ref={scroller}
        tabIndex={0}
        role="rowgroup"
        aria-label={`${label}, rows`}
        onScroll={(event: Event) => setTop((event.target as HTMLElement).scrollTop)}
        onKeyDown={pressed}
      >
        <div class="rows-height" role="presentation" style={{ height: `${height}px` }}>
          <div class="rows-shown" role="presentation" style={{ transform: `translateY(${offset}px)` }}>
            {Array.from({ length: shown }, (_, at) => from + at).map((at) => {
              const cells = row(at);
              return (
                <div
                  key={at}
                  class="row"
                  role="row"
                  aria-rowindex={at + 2}
                  aria-selected={isSelected(at)}
                  onClick={() => onPress(at)}
                >
                  {cells ?? (
                    <span role="gridcell" class="quiet">
                      …
                    </span>
                  )}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}
