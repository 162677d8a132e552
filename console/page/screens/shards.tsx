import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { streamAddress } from '../address.ts';
import { useKeys } from '../keys.ts';
import { isOpen, listShards, type Shard, type StreamDescription } from '../kinesis.ts';
import { count, counted } from '../model/format.ts';
import { hashKeyOf, shardWith } from '../model/hash-key.ts';
import { pictureOf } from '../model/shard-picture.ts';
import { Shown } from '../parts/notice.tsx';
import { useSession } from '../session.ts';
import { useAsked, useParameters } from '../use.ts';
import { Rescale } from './rescale.tsx';
import { ShardPanel } from './shard-panel.tsx';
import { ShardPictureView } from './shard-picture-view.tsx';
import { useShardTraffic } from './shard-traffic.ts';
import type { StreamProps } from './stream-props.ts';

/** How often shards are looked at, ms. */
const RESTING_MS = { local: 10_000, deployed: 60_000, aws: 60_000 } as const;

/** The shard map: where hash keys lead, what came of what, what flows where, and how to change it. */
export function ShardsScreen({ stream, asked }: StreamProps) {
  const { about } = useSession();
  const { StreamName, StreamStatus, OpenShardCount } = stream;
  const shards = useAsked(`shards ${StreamName}`, (signal) => listShards(StreamName, signal), RESTING_MS[about.kind]);
  // A reshard, of whoever it is, is looked at at once. What was chosen and typed beside the map stays.
  const before = useRef({ StreamStatus, OpenShardCount });
  useEffect(() => {
    if (before.current.StreamStatus !== StreamStatus || before.current.OpenShardCount !== OpenShardCount) {
      before.current = { StreamStatus, OpenShardCount };
      shards.again();
    }
  }, [StreamStatus, OpenShardCount]);
  return (
    <Shown asked={shards} what="shards">
      {(all) => <ShardMap stream={stream} shards={all} onChanged={asked.again} />}
    </Shown>
  );
}

interface ShardMapProps {
  readonly stream: StreamDescription;
  readonly shards: readonly Shard[];
  readonly onChanged: () => void;
}

function ShardMap({ stream, shards, onChanged }: ShardMapProps) {
  const { query } = useLocation();
  const { shard: selected, key = '' } = query;
  const [cut, setCut] = useState(0.5);
  // What is looked at is in the address.
  const look = useParameters(streamAddress(stream.StreamName, 'shards'));
  const traffic = useShardTraffic(stream.StreamName);
  const picture = pictureOf(shards);
  const open = shards
    .filter(isOpen)
    .sort((a, b) => (BigInt(a.HashKeyRange.StartingHashKey) < BigInt(b.HashKeyRange.StartingHashKey) ? -1 : 1));
  const hashKey = key === '' ? undefined : hashKeyOf(key);
  const found = hashKey === undefined ? undefined : shardWith(open, hashKey);
  const shard = shards.find(({ ShardId }) => ShardId === selected);
  const select = (id: string | undefined) => {
    look({ shard: id });
    setCut(0.5);
  };
  const move = (by: number) => {
    const at = open.findIndex(({ ShardId }) => ShardId === selected);
    select(open[at === -1 ? 0 : Math.max(0, Math.min(open.length - 1, at + by))]?.ShardId);
  };
  useKeys({ j: () => move(1), k: () => move(-1), Escape: () => select(undefined) });
  const isOnDemand = stream.StreamModeDetails?.StreamMode === 'ON_DEMAND';
  const canChange = stream.StreamStatus === 'ACTIVE' && !isOnDemand;
  return (
    <>
      <div class="bar">
        <label>
          Which shard has this key?{' '}
          <input
            data-find
            placeholder="partition key (/)"
            value={key}
            onInput={(event: Event) => look({ key: (event.target as HTMLInputElement).value })}
          />
        </label>
        <output class="breaks">
          {found && (
            <>
              <button type="button" class="small" onClick={() => select(found.ShardId)}>
                {found.ShardId}
              </button>{' '}
              hash key {`${hashKey}`}
            </>
          )}
        </output>
      </div>
      <ShardPictureView
        picture={picture}
        hashKey={hashKey}
        traffic={traffic ?? []}
        selected={selected}
        cut={canChange && shard && isOpen(shard) ? cut : undefined}
        onSelect={select}
        onCut={setCut}
        onMove={move}
      />
      <p class="quiet">
        {counted(open.length, 'open shard')}, {count(shards.length - open.length)} closed.
        {picture.left > 0 && ` ${count(picture.left)} older ones are not drawn.`} Left to right: the hash key space. Top
        to bottom: parents and what came of them. Colour:{' '}
        {traffic === undefined ? 'traffic of shards is known of a local server only.' : 'records of the last minute.'}
      </p>
      {isOnDemand && <p class="notice">An on-demand stream splits and merges its shards by itself.</p>}
      {stream.StreamStatus === 'UPDATING' && (
        <p class="notice" role="status">
          The stream is changing its shards…
        </p>
      )}
      {shard && (
        <ShardPanel
          key={shard.ShardId}
          stream={stream.StreamName}
          shard={shard}
          open={open}
          traffic={traffic?.find((one) => one.shard === shard.ShardId)}
          cut={cut}
          canChange={canChange}
          onCut={setCut}
          onChanged={() => {
            // Another one may have been chosen meanwhile.
            if (new URLSearchParams(location.search).get('shard') === shard.ShardId) {
              select(undefined);
            }
            onChanged();
          }}
        />
      )}
      {!isOnDemand && (
        <Rescale stream={stream.StreamName} open={open.length} canChange={canChange} onChanged={onChanged} />
      )}
    </>
  );
}
