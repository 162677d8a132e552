import { useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Turns } from '../../../client/turns.ts';
import type { StreamRates } from '../../wire.ts';
import { streamAddress } from '../address.ts';
import { ask } from '../api.ts';
import { useKeys } from '../keys.ts';
import { describeStream, listStreams, type StreamDescription, type StreamSummary } from '../kinesis.ts';
import { count, counted, short } from '../model/format.ts';
import { Shown } from '../parts/notice.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Status } from '../parts/status.tsx';
import { useSession } from '../session.ts';
import { useAsked, useTitle } from '../use.ts';
import { CreateStream } from './create-stream.tsx';
import { DeleteStream } from './delete-stream.tsx';
import { FirstStream } from './first-stream.tsx';

/** How often the list, and the rates beside it, are looked at, ms. Elsewhere than on this machine each look costs. */
const LIST_MS = { local: 5_000, deployed: 20_000, aws: 20_000 } as const;
const RATES_MS = 2_000;

/** The most lines of the list: the search finds the others. */
const MAX_LINES = 200;

/** All streams of the endpoint's region. */
export function StreamsScreen() {
  const { about } = useSession();
  const streams = useAsked('streams', listStreams, LIST_MS[about.kind]);
  // The first stream is listed before its first record is there.
  const [isBeginning, setBeginning] = useState(false);
  useTitle('Streams');
  return (
    <>
      <h1>Streams</h1>
      <Shown asked={streams} what="streams">
        {(all) =>
          all.length === 0 || isBeginning ? (
            <FirstStream onBegin={setBeginning} />
          ) : (
            <StreamList streams={all} again={streams.again} />
          )
        }
      </Shown>
    </>
  );
}

function StreamList({ streams, again }: { streams: readonly StreamSummary[]; again: () => void }) {
  const { route, query } = useLocation();
  const { isReadOnly } = useSession();
  const [isCreating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<string>();
  const [chosen, setChosen] = useState<string>();
  const rates = useAsked('rates', (signal) => ask<StreamRates>('rates', {}, signal), RATES_MS).value;
  const wanted = (query.find ?? '').toLowerCase();
  const found = streams.filter(({ StreamName }) => StreamName.toLowerCase().includes(wanted));
  const lines = found.slice(0, MAX_LINES);
  // The chosen stream stays the same one while others come and go.
  const selected = Math.max(
    0,
    lines.findIndex(({ StreamName }) => StreamName === chosen),
  );
  const table = useRef<HTMLTableSectionElement>(null);
  const move = (by: number) => {
    const to = Math.max(0, Math.min(lines.length - 1, selected + by));
    setChosen(lines[to]?.StreamName);
    table.current?.children[to]?.scrollIntoView({ block: 'nearest' });
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    n: () => !isReadOnly && setCreating(true),
    Enter: () => {
      const line = lines[selected];
      if (line !== undefined) {
        route(streamAddress(line.StreamName));
      }
    },
  });
  const find = (text: string) => {
    setChosen(undefined);
    route(text === '' ? '/' : `/?find=${encodeURIComponent(text)}`, true);
  };
  return (
    <>
      <div class="bar">
        <input
          data-find
          type="search"
          placeholder="Search (/)"
          aria-label="Search streams"
          value={query.find ?? ''}
          onInput={(event: Event) => find((event.target as HTMLInputElement).value)}
        />
        <span class="quiet" role="status">
          {found.length === streams.length
            ? counted(streams.length, 'stream')
            : `${count(found.length)} of ${count(streams.length)}`}
        </span>
        <span class="space" />
        <button type="button" class="main" disabled={isReadOnly} onClick={() => setCreating(true)}>
          Create stream
        </button>
      </div>
      {lines.length === 0 && <div class="notice empty">No stream has “{query.find}” in its name.</div>}
      {lines.length > 0 && (
        <Scroll label="Table of streams">
          <table class="streams">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Status</th>
                <th scope="col">Mode</th>
                <th scope="col" class="number">
                  Open shards
                </th>
                <th scope="col" class="number">
                  Retention
                </th>
                <th scope="col">Records/s, last minute</th>
                <th scope="col" class="number">
                  Throttles
                </th>
                <th scope="col">
                  <span class="hidden">Delete</span>
                </th>
              </tr>
            </thead>
            <tbody ref={table}>
              {lines.map((stream, index) => (
                <StreamLine
                  key={stream.StreamName}
                  stream={stream}
                  isSelected={index === selected}
                  rates={rates}
                  onDelete={isReadOnly ? undefined : () => setDeleting(stream.StreamName)}
                />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {found.length > lines.length && <p class="quiet">The first {MAX_LINES} are shown: search for the others.</p>}
      {rates?.source === 'none' && (
        <p class="quiet">Rates are counted by a local server. Here, the metrics of a stream are on its own screen.</p>
      )}
      {isCreating && (
        <CreateStream
          onClose={() => setCreating(false)}
          onCreated={(name) => {
            setCreating(false);
            route(streamAddress(name));
          }}
        />
      )}
      {deleting !== undefined && (
        <DeleteStream
          stream={deleting}
          onClose={() => setDeleting(undefined)}
          onDeleted={() => {
            setDeleting(undefined);
            again();
          }}
        />
      )}
    </>
  );
}

interface StreamLineProps {
  readonly stream: StreamSummary;
  readonly isSelected: boolean;
  readonly rates: StreamRates | undefined;
  readonly onDelete: (() => void) | undefined;
}

function StreamLine({ stream, isSelected, rates, onDelete }: StreamLineProps) {
  const { StreamName } = stream;
  // A new status is a new question: then the shards have changed too.
  const described = useDescription(StreamName, stream.StreamStatus ?? '');
  const { StreamStatus, StreamModeDetails } = { ...described, ...stream };
  // Names of streams are any words, also those that every object has.
  const rate = rates && Object.hasOwn(rates.streams, StreamName) ? rates.streams[StreamName] : undefined;
  const last = rate?.recordsIn.slice(-6, -1) ?? [];
  const perSecond = last.reduce((sum, value) => sum + value, 0) / Math.max(1, last.length);
  return (
    <tr class={isSelected ? 'selected' : ''}>
      <th scope="row">
        <a href={streamAddress(StreamName)}>{StreamName}</a>
      </th>
      <td>{StreamStatus && <Status status={StreamStatus} />}</td>
      <td>{StreamModeDetails?.StreamMode === 'ON_DEMAND' ? 'on-demand' : 'provisioned'}</td>
      <td class="number">{described === undefined ? '…' : count(described.OpenShardCount)}</td>
      <td class="number">{described === undefined ? '…' : `${described.RetentionPeriodHours} h`}</td>
      <td>
        {rate === undefined ? (
          <span class="quiet">–</span>
        ) : (
          <>
            <Sparkline values={rate.recordsIn} label={`${short(perSecond)} records a second`} /> {short(perSecond)}
          </>
        )}
      </td>
      <td class="number">{rates?.source === 'process' ? count(rate?.throttled ?? 0) : '–'}</td>
      <td>
        <button
          type="button"
          class="small"
          disabled={onDelete === undefined}
          onClick={onDelete}
          aria-label={`Delete ${StreamName}`}
        >
          Delete
        </button>
      </td>
    </tr>
  );
}

/** How often a line is described, ms; elsewhere than on this machine only once, and when its status changes. */
const DESCRIBE_EVERY_MS = { local: 30_000, deployed: undefined, aws: undefined } as const;

/** Descriptions that are asked for at once: Kinesis answers 20 a second. */
const descriptions = new Turns(2);

function useDescription(stream: string, status: string): StreamDescription | undefined {
  const { about } = useSession();
  const describe = (signal: AbortSignal) => descriptions.take(() => describeStream(stream, signal));
  return useAsked(`${stream} ${status}`, describe, DESCRIBE_EVERY_MS[about.kind]).value;
}
