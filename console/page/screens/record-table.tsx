import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../keys.ts';
import { shardNumber } from '../kinesis.ts';
import { bytes, clock, inLine } from '../model/format.ts';
import { VirtualRows } from '../parts/virtual-rows.tsx';
import type { RecordPlace, RowView, TailState } from '../records/messages.ts';
import type { RecordClient } from '../records/record-client.ts';

interface RecordTableProps {
  readonly client: RecordClient;
  readonly state: TailState;
  /** What is there while no record is shown. */
  readonly empty: ComponentChildren;
  /** @param index of the record, since the start */
  readonly onOpen: (index: number) => void;
}

interface Window {
  readonly from: number;
  readonly rows: readonly RowView[];
}

/** The records, from the newest on. Only those in sight are asked for. */
export function RecordTable({ client, state, empty, onOpen }: RecordTableProps) {
  const [inSight, setInSight] = useState({ from: 0, count: 0 });
  const [shown, setShown] = useState<Window>({ from: 0, rows: [] });
  const { selected, moved, move, select } = useSelection(client);
  const asked = useRef(0);
  useEffect(() => {
    const turn = ++asked.current;
    client.rows(inSight.from, inSight.count).then((rows) => {
      // An answer that was overtaken is of another place.
      if (turn === asked.current) {
        setShown({ from: inSight.from, rows });
      }
    });
  }, [client, state, inSight]);
  const rowAt = (row: number): RowView | undefined => shown.rows[row - shown.from];
  const open = () => selected !== undefined && onOpen(selected);
  useKeys({ j: () => move(1), k: () => move(-1), Enter: open });
  if (state.matched === 0) {
    return <>{empty}</>;
  }
  return (
    <VirtualRows
      label="Records"
      header={
        <>
          <span role="columnheader">Time</span>
          <span role="columnheader">Shard</span>
          <span role="columnheader">Partition key</span>
          <span role="columnheader" class="wide">
            Sequence number
          </span>
          <span role="columnheader" class="wide number">
            Size
          </span>
          <span role="columnheader">Preview</span>
        </>
      }
      columns={6}
      count={state.matched}
      isSelected={(row) => selected !== undefined && rowAt(row)?.index === selected}
      inSight={moved}
      onOpen={open}
      onPress={async (row) => {
        // A row that has just come in sight is asked for.
        const view = rowAt(row) ?? (await client.rows(row, 1))[0];
        if (view !== undefined) {
          select(view.index);
          onOpen(view.index);
        }
      }}
      onWindow={(from, count) => setInSight({ from, count })}
      row={(row) => {
        const view = rowAt(row);
        return view && <RecordCells view={view} />;
      }}
    />
  );
}

/** The selected record, by its index since the start: it stays the same one while others come before it, or a filter hides it. */
function useSelection(client: RecordClient) {
  const [selected, select] = useState<number>();
  /** Where the last move came to: there, the table follows it. */
  const [moved, setMoved] = useState<RecordPlace>();
  const latest = useRef(selected);
  latest.current = selected;
  const moves = useRef(Promise.resolve());
  // One after the other: each goes on from where the last one came to.
  const move = (by: 1 | -1) => {
    moves.current = moves.current.then(async () => {
      const place = await client.neighbour(latest.current, by);
      if (place !== undefined) {
        latest.current = place.index;
        select(place.index);
        setMoved(place);
      }
    });
  };
  return { selected, moved, move, select };
}

const RecordCells = ({ view }: { view: RowView }) => (
  <>
    <span role="gridcell">{clock(view.arrivedMs)}</span>
    <span role="gridcell">{shardNumber(view.shard)}</span>
    <span role="gridcell" class="key">
      {inLine(view.partitionKey)}
    </span>
    <span role="gridcell" class="wide sequence" title={view.sequenceNumber}>
      …{view.sequenceNumber.slice(-12)}
    </span>
    <span role="gridcell" class="wide number">
      {bytes(view.size)}
    </span>
    <span role="gridcell" class="preview-text">
      {(view.kind === 'gzip' || view.kind === 'KPL' || view.kind === 'binary') && <i class="badge">{view.kind}</i>}
      {view.preview}
    </span>
  </>
);
