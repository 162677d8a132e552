import { useRef } from 'preact/hooks';
import type { ShardTraffic } from '../../wire.ts';
import { shardNumber } from '../kinesis.ts';
import { fractionOf } from '../model/hash-key.ts';
import type { PlacedShard, ShardPicture } from '../model/shard-picture.ts';

interface ShardPictureProps {
  readonly picture: ShardPicture;
  /** Marked with a line. */
  readonly hashKey: bigint | undefined;
  readonly traffic: readonly ShardTraffic[];
  readonly selected: string | undefined;
  /** Where the selected shard would be cut, from 0 to 1 of it; undefined: it cannot be. */
  readonly cut: number | undefined;
  readonly onSelect: (id: string) => void;
  readonly onCut: (part: number) => void;
  readonly onMove: (by: number) => void;
}

/** Units of the drawing. It is as wide as the page, and as high as it has generations. */
const WIDTH = 1_000;
const LEVEL = 34;
const BAR = 56;

/** Narrower shards have no room for their number. */
const NARROW = 26;

/** The hash key space from left to right, the generations from top to bottom; the bottom edge is the stream as it is now. */
export function ShardPictureView(props: ShardPictureProps) {
  const { picture, hashKey, traffic, selected, cut, onSelect, onCut, onMove } = props;
  const drawing = useRef<SVGSVGElement>(null);
  const height = (picture.levels - 1) * LEVEL + BAR;
  const records = new Map(traffic.map(({ shard, recordsIn }) => [shard, recordsIn]));
  const most = Math.max(1, ...records.values());
  const chosen = picture.placed.find(({ shard }) => shard.ShardId === selected);
  const pressed = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      onMove(by);
    }
  };
  return (
    <div
      class="shard-picture"
      role="listbox"
      aria-label="Shards"
      tabIndex={0}
      aria-activedescendant={chosen && `shard-${chosen.shard.ShardId}`}
      onKeyDown={pressed}
    >
      <svg
        ref={drawing}
        viewBox={`0 0 ${WIDTH} ${height}`}
        preserveAspectRatio="none"
        style={{ height: `${height}px` }}
        role="presentation"
      >
        {picture.placed.map((placed) => (
          <ShardBox
            key={placed.shard.ShardId}
            placed={placed}
            heat={(records.get(placed.shard.ShardId) ?? 0) / most}
            isSelected={placed.shard.ShardId === selected}
            onSelect={onSelect}
          />
        ))}
        {hashKey !== undefined && (
          <line class="key-mark" x1={fractionOf(hashKey) * WIDTH} x2={fractionOf(hashKey) * WIDTH} y1="0" y2={height} />
        )}
      </svg>
      <div class="shard-names" aria-hidden="true">
        {picture.placed
          .filter(({ isOpen, width }) => isOpen && width * WIDTH >= NARROW)
          .map(({ shard, left, width }) => (
            <span key={shard.ShardId} style={{ left: `${left * 100}%`, width: `${width * 100}%` }}>
              {shardNumber(shard.ShardId)}
            </span>
          ))}
      </div>
      {chosen && cut !== undefined && <CutHandle chosen={chosen} cut={cut} drawing={drawing} onCut={onCut} />}
    </div>
  );
}

function ShardBox({
  placed: { shard, isOpen, left, width, level, span },
  heat,
  isSelected,
  onSelect,
}: {
  placed: PlacedShard;
  heat: number;
  isSelected: boolean;
  onSelect: (id: string) => void;
}) {
  const height = (span - 1) * LEVEL + (isOpen ? BAR : LEVEL);
  return (
    <rect
      id={`shard-${shard.ShardId}`}
      role="option"
      aria-label={`${shard.ShardId}, ${isOpen ? 'open' : 'closed'}, ${(width * 100).toFixed(1)} percent of the hash keys`}
      aria-selected={isSelected}
      class={`shard ${isOpen ? 'shard-open' : 'shard-closed'}`}
      x={left * WIDTH}
      y={level * LEVEL}
      width={Math.max(0.2, width * WIDTH)}
      height={height}
      style={{ '--heat': `${Math.round(heat * 100)}%` }}
      onClick={() => onSelect(shard.ShardId)}
    >
      <title>{shard.ShardId}</title>
    </rect>
  );
}

/** The place of a cut, which is dragged from left to right. */
function CutHandle({
  chosen: { left, width },
  cut,
  drawing,
  onCut,
}: {
  chosen: PlacedShard;
  cut: number;
  drawing: { current: SVGSVGElement | null };
  onCut: (part: number) => void;
}) {
  const drag = (event: PointerEvent) => {
    const box = drawing.current?.getBoundingClientRect();
    const handle = event.currentTarget as HTMLElement;
    if (box === undefined || !handle.hasPointerCapture(event.pointerId)) {
      return;
    }
    const at = (event.clientX - box.left) / box.width;
    onCut(Math.max(0.001, Math.min(0.999, (at - left) / width)));
  };
  return (
    <div
      class="cut"
      data-cut
      aria-hidden="true"
      style={{ left: `${(left + cut * width) * 100}%` }}
      onPointerDown={(event: PointerEvent) => {
        event.preventDefault();
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      }}
      onPointerMove={drag}
    />
  );
}
