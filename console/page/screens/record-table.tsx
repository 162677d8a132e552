import { useEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../keys.ts';
import { shardNumber } from '../kinesis.ts';
import { bytes, clock, inLine } from '../model/format.ts';
import { VirtualRows } from '../parts/virtual-rows.tsx';
import type { RowView, TailState } from '../records/messages.ts';
import type { RecordClient } from '../records/record-client.ts';

interface RecordTableProps {
  readonly client: RecordClient;
  readonly state: TailState;
  readonly isOpen: boolean;
  /** @param index of the record, since the start */
  readonly onOpen: (index: number) => void;
}

interface Window {
  readonly from: number;
  readonly rows: readonly RowView[];
}

/** The records, from the newest on. Only those in sight are asked for. */
export function RecordTable({ client, state, isOpen, onOpen }: RecordTableProps) {
  const [inSight, setInSight] = useState({ from: 0, count: 0 });
  const [shown, setShown] = useState<Window>({ from: 0, rows: [] });
  // The selected record stays the same one while others come before it.
  const [selected, setSelected] = useState<{ readonly row: number; readonly matched: number }>();
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
  const selectedRow =
    selected && Math.min(state.matched - 1, selected.row + Math.max(0, state.matched - selected.matched));
  const select = (row: number) =>
    setSelected({ row: Math.max(0, Math.min(state.matched - 1, row)), matched: state.matched });
  const rowAt = (row: number): RowView | undefined => shown.rows[row - shown.from];
  const open = async (row: number) => {
    const found = rowAt(row) ?? (await client.rows(row, 1))[0];
    if (found !== undefined) {
      onOpen(found.index);
    }
  };
  useKeys(
    isOpen
      ? {}
      : {
          j: () => select((selectedRow ?? -1) + 1),
          k: () => select((selectedRow ?? 1) - 1),
          Enter: () => selectedRow !== undefined && open(selectedRow),
        },
  );
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
      selected={selectedRow}
      onSelect={select}
      onOpen={open}
      onWindow={(from, count) => setInSight({ from, count })}
      row={(row) => {
        const view = rowAt(row);
        return view && <RecordCells view={view} />;
      }}
    />
  );
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
