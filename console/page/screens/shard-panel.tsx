import type { ShardTraffic } from '../../wire.ts';
import { streamAddress } from '../address.ts';
import { call } from '../api.ts';
import { isOpen, type Shard } from '../kinesis.ts';
import { bytes, count, duration } from '../model/format.ts';
import { areNeighbours, cutAt } from '../model/hash-key.ts';
import { ErrorNotice } from '../parts/notice.tsx';
import { useSession } from '../session.ts';
import { useAction } from '../use.ts';

interface ShardPanelProps {
  readonly stream: string;
  readonly shard: Shard;
  /** By hash key. */
  readonly open: readonly Shard[];
  readonly traffic: ShardTraffic | undefined;
  readonly cut: number;
  readonly canChange: boolean;
  readonly onCut: (part: number) => void;
  readonly onChanged: () => void;
}

/** One shard: its facts, and what can be done with it. */
export function ShardPanel(props: ShardPanelProps) {
  const { stream, shard, traffic } = props;
  const { ShardId, HashKeyRange, SequenceNumberRange, ParentShardId, AdjacentParentShardId } = shard;
  const parents = [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined);
  return (
    <section class="panel" aria-label={ShardId}>
      <h2>{ShardId}</h2>
      <dl class="facts">
        <div>
          <dt>Hash keys</dt>
          <dd class="breaks">
            {HashKeyRange.StartingHashKey} to {HashKeyRange.EndingHashKey}
          </dd>
        </div>
        <div>
          <dt>Sequence numbers</dt>
          <dd class="breaks">
            {SequenceNumberRange.StartingSequenceNumber} to {SequenceNumberRange.EndingSequenceNumber ?? '…'}
          </dd>
        </div>
        <div>
          <dt>Parents</dt>
          <dd>{parents.length === 0 ? 'none' : parents.join(', ')}</dd>
        </div>
        {traffic?.readers.map(({ consumer, behindMs }) => (
          <div key={consumer ?? ''}>
            <dt>{consumer ?? 'Polling'}</dt>
            <dd>{behindMs === 0 ? 'at the tip' : `${duration(behindMs)} behind`}</dd>
          </div>
        ))}
        {traffic && (
          <div>
            <dt>Last minute</dt>
            <dd>
              {count(traffic.recordsIn)} records in ({bytes(traffic.bytesIn)}), {count(traffic.recordsOut)} out
            </dd>
          </div>
        )}
      </dl>
      <p>
        <a href={`${streamAddress(stream, 'records')}?shards=${ShardId}&start=TRIM_HORIZON`}>Its records</a>
      </p>
      {isOpen(shard) ? <Reshard {...props} /> : <p class="quiet">It is closed: it takes no more records.</p>}
    </section>
  );
}

function Reshard({ stream, shard, open, cut, canChange, onCut, onChanged }: ShardPanelProps) {
  const { isReadOnly } = useSession();
  const { isBusy, error, run } = useAction();
  const isFixed = isReadOnly || !canChange || isBusy;
  const change = (operation: string, input: object) =>
    run(async () => {
      await call(operation, { StreamName: stream, ...input });
      onChanged();
    });
  const left = open.find((other) => areNeighbours(other, shard));
  const right = open.find((other) => areNeighbours(shard, other));
  const merge = (first: Shard, second: Shard) =>
    change('MergeShards', { ShardToMerge: first.ShardId, AdjacentShardToMerge: second.ShardId });
  return (
    <>
      <form
        class="inline"
        onSubmit={(event: Event) => {
          event.preventDefault();
          change('SplitShard', { ShardToSplit: shard.ShardId, NewStartingHashKey: `${cutAt(shard, cut)}` });
        }}
      >
        <label>
          Cut at{' '}
          <input
            type="range"
            min="0.001"
            max="0.999"
            step="0.001"
            value={cut}
            disabled={isFixed}
            onInput={(event: Event) => onCut(Number((event.target as HTMLInputElement).value))}
          />
        </label>
        <output>{(cut * 100).toFixed(1)} %</output>
        <button type="submit" class="main" disabled={isFixed}>
          Split
        </button>
      </form>
      <p class="actions left">
        <button type="button" disabled={isFixed || left === undefined} onClick={() => left && merge(left, shard)}>
          Merge with the left neighbour
        </button>
        <button type="button" disabled={isFixed || right === undefined} onClick={() => right && merge(shard, right)}>
          Merge with the right neighbour
        </button>
      </p>
      {error && <ErrorNotice error={error} />}
    </>
  );
}
