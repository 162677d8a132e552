import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { rowWindow, tableHeight, topWithRow } from '../model/row-window.ts';

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

/** A table of any length, of which only the rows in sight are in the page. */
export function VirtualRows(props: VirtualRowsProps) {
  const { label, header, columns, count, isSelected, inSight, onOpen, onPress, onWindow, row } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [view, setView] = useState(600);
  const { from, shown, offset } = rowWindow({ count, view, top });

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
    if (inSight !== undefined && element !== null) {
      const { scrollTop, clientHeight } = element;
      element.scrollTop = topWithRow(inSight.row, { count, view: clientHeight, top: scrollTop });
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
        <div class="rows-height" role="presentation" style={{ height: `${tableHeight(count)}px` }}>
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
