import { useEffect, useRef, useState } from 'preact/hooks';
import type { WatchLine } from '../../wire.ts';
import { errorOf, lines, post } from '../api.ts';
import { type Consumer, type Shard, shardLabel } from '../kinesis.ts';
import { bytes, clock, count, duration } from '../model/format.ts';
import { ErrorNotice } from '../parts/notice.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { useSession } from '../session.ts';

/** Events that are shown. */
const MAX_EVENTS = 100;

type WatchedEvent = Extract<WatchLine, { type: 'event' }> & { readonly at: number };

interface WatchProps {
  readonly consumer: Consumer;
  /** The open ones. */
  readonly shards: readonly Shard[];
  readonly onClose: () => void;
}

/** A subscription of a consumer to one shard, event by event. */
export function Watch({ consumer, shards, onClose }: WatchProps) {
  const { about, isReadOnly } = useSession();
  const [shard, setShard] = useState('');
  const [type, setType] = useState('LATEST');
  const [events, setEvents] = useState<readonly WatchedEvent[]>([]);
  const [phase, setPhase] = useState<'idle' | 'opening' | 'open' | 'ended'>('idle');
  const [error, setError] = useState<Error>();
  const ending = useRef<AbortController>(undefined);
  const chosen = shard || (shards[0]?.ShardId ?? '');
  const offered = shards.map(({ ShardId }) => ShardId);
  // What is watched may be closed by now.
  const listed = chosen === '' || offered.includes(chosen) ? offered : [chosen, ...offered];
  const stop = () => ending.current?.abort();
  useEffect(() => stop, []);
  const watch = async () => {
    stop();
    const ended = new AbortController();
    ending.current = ended;
    setShard(chosen);
    setError(undefined);
    setEvents([]);
    setPhase('opening');
    const response = await post(
      'watch',
      { consumerArn: consumer.ConsumerARN, shard: chosen, start: { type } },
      ended.signal,
    );
    if (!response.ok) {
      throw errorOf(await response.json(), response.status);
    }
    for await (const line of lines<WatchLine>(response)) {
      if (line.type === 'failed') {
        throw new Error(line.message);
      }
      setPhase(line.type === 'ended' ? 'ended' : 'open');
      if (line.type === 'event') {
        setEvents((before) => [{ ...line, at: Date.now() }, ...before.slice(0, MAX_EVENTS - 1)]);
      }
    }
  };
  const begin = () =>
    watch()
      .catch((problem: Error) => {
        if (problem.name !== 'AbortError') {
          setError(problem);
        }
      })
      .finally(() => setPhase('ended'));
  const isWatching = phase === 'opening' || phase === 'open';
  return (
    <section class="panel" aria-label={`Watch ${consumer.ConsumerName}`}>
      <h2>Watch {consumer.ConsumerName}</h2>
      <p class="notice">
        A consumer has one subscription to a shard: watching takes it from whoever has it now, and that one has to
        subscribe again. <span class="cost">{about.consumerCosts.watch}</span>
      </p>
      <p class="inline">
        <select
          aria-label="Shard"
          value={chosen}
          disabled={isWatching}
          onChange={(event: Event) => setShard((event.target as HTMLSelectElement).value)}
        >
          {listed.map((id) => (
            <option key={id} value={id}>
              {shardLabel(id)}
            </option>
          ))}
        </select>
        <select
          aria-label="From"
          value={type}
          disabled={isWatching}
          onChange={(event: Event) => setType((event.target as HTMLSelectElement).value)}
        >
          <option value="LATEST">new records</option>
          <option value="TRIM_HORIZON">the oldest record</option>
        </select>
        {isWatching ? (
          <button type="button" onClick={stop}>
            Stop
          </button>
        ) : (
          <button type="button" class="main" disabled={chosen === '' || isReadOnly} onClick={begin}>
            Subscribe
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            stop();
            onClose();
          }}
        >
          Close
        </button>
        <span class="quiet" role="status">
          {PHASES[phase]}
        </span>
      </p>
      {error && <ErrorNotice error={error} />}
      {events.length > 0 && (
        <Scroll label="Events">
          <table>
            <thead>
              <tr>
                <th scope="col">Event</th>
                <th scope="col" class="number">
                  Records
                </th>
                <th scope="col" class="number">
                  Data
                </th>
                <th scope="col" class="number">
                  Behind
                </th>
                <th scope="col">Goes on after</th>
              </tr>
            </thead>
            <tbody>
              {events.map((event, index) => (
                <tr key={events.length - index}>
                  <th scope="row">{clock(event.at)}</th>
                  <td class="number">{count(event.records)}</td>
                  <td class="number">{bytes(event.bytes)}</td>
                  <td class="number">{duration(event.behindMs)}</td>
                  <td>
                    {event.continuation === undefined
                      ? `ends: ${event.children.join(', ')}`
                      : `…${event.continuation.slice(-12)}`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

const PHASES = {
  idle: '',
  opening: 'Subscribing…',
  open: 'Subscribed, for five minutes at most',
  ended: 'Ended',
} as const;
