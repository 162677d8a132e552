import { useState } from 'preact/hooks';
import { call } from '../api.ts';
import { type Consumer, isOpen, listConsumers, listShards } from '../kinesis.ts';
import { dateTime, duration } from '../model/format.ts';
import { Empty, ErrorNotice, Shown } from '../parts/notice.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { Status } from '../parts/status.tsx';
import { useSession } from '../session.ts';
import { useAction, useAsked } from '../use.ts';
import { useShardTraffic } from './shard-traffic.ts';
import type { StreamProps } from './stream-props.ts';
import { Watch } from './watch.tsx';

const CHANGING_MS = 1_000;
const RESTING_MS = { local: 5_000, deployed: 20_000, aws: 20_000 } as const;

/** Shards of the list of lags: the slowest ones. */
const MAX_LAGS = 100;

/** Who reads a stream, and how far behind. */
export function ConsumersScreen({ stream }: StreamProps) {
  const { StreamARN, StreamName } = stream;
  const { about, isReadOnly } = useSession();
  const [watched, setWatched] = useState<Consumer>();
  const consumers = useAsked(
    `consumers ${StreamARN}`,
    (signal) => listConsumers(StreamARN, signal),
    (value) =>
      value?.some(({ ConsumerStatus }) => ConsumerStatus !== 'ACTIVE') ? CHANGING_MS : RESTING_MS[about.kind],
  );
  const shards = useAsked(
    `${StreamName} ${watched?.ConsumerARN}`,
    async (signal) => (watched === undefined ? [] : listShards(StreamName, signal)),
    watched === undefined ? undefined : RESTING_MS[about.kind],
  ).value;
  return (
    <>
      <section aria-label="Registered consumers">
        <h2>Registered consumers</h2>
        <Register streamArn={StreamARN} onChanged={consumers.again} />
        <Shown asked={consumers} what="consumers">
          {(all) =>
            all.length === 0 ? (
              <Empty>None is registered. Consumers that poll need not be.</Empty>
            ) : (
              <Scroll label="Consumers">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Name</th>
                      <th scope="col">Status</th>
                      <th scope="col">Registered</th>
                      <th scope="col">
                        <span class="hidden">Actions</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {all.map((consumer) => (
                      <ConsumerLine
                        key={consumer.ConsumerARN}
                        consumer={consumer}
                        isFixed={isReadOnly}
                        onWatch={() => setWatched(consumer)}
                        onChanged={consumers.again}
                      />
                    ))}
                  </tbody>
                </table>
              </Scroll>
            )
          }
        </Shown>
      </section>
      {watched && (
        <Watch
          key={watched.ConsumerARN}
          consumer={watched}
          shards={(shards ?? []).filter(isOpen)}
          onClose={() => setWatched(undefined)}
        />
      )}
      <Lags stream={StreamName} />
    </>
  );
}

function Register({ streamArn, onChanged }: { streamArn: string; onChanged: () => void }) {
  const { about, isReadOnly } = useSession();
  const { isBusy, error, run } = useAction();
  const [name, setName] = useState('');
  return (
    <form
      class="inline"
      onSubmit={(event: Event) => {
        event.preventDefault();
        run(async () => {
          await call('RegisterStreamConsumer', { StreamARN: streamArn, ConsumerName: name });
          setName('');
          onChanged();
        });
      }}
    >
      <input
        aria-label="Name of a new consumer"
        placeholder="name"
        required
        pattern="[a-zA-Z0-9_.\-]+"
        value={name}
        onInput={(event: Event) => setName((event.target as HTMLInputElement).value)}
      />
      <button type="submit" disabled={isReadOnly || isBusy}>
        Register
      </button>
      {about.consumerCosts.register && <span class="quiet cost">{about.consumerCosts.register}</span>}
      {error && <ErrorNotice error={error} />}
    </form>
  );
}

interface ConsumerLineProps {
  readonly consumer: Consumer;
  readonly isFixed: boolean;
  readonly onWatch: () => void;
  readonly onChanged: () => void;
}

function ConsumerLine({ consumer, isFixed, onWatch, onChanged }: ConsumerLineProps) {
  const { isBusy, error, run } = useAction();
  const [isSure, setSure] = useState(false);
  const remove = () =>
    run(async () => {
      await call('DeregisterStreamConsumer', { ConsumerARN: consumer.ConsumerARN });
      onChanged();
    });
  const isActive = consumer.ConsumerStatus === 'ACTIVE';
  return (
    <tr>
      <th scope="row">{consumer.ConsumerName}</th>
      <td>
        <Status status={consumer.ConsumerStatus} />
      </td>
      <td>{dateTime(consumer.ConsumerCreationTimestamp * 1_000)}</td>
      <td>
        <button
          type="button"
          class="small"
          disabled={!isActive || isFixed}
          onClick={onWatch}
          aria-label={`Watch ${consumer.ConsumerName}`}
        >
          Watch
        </button>{' '}
        {isSure ? (
          <button type="button" class="small danger" disabled={isFixed || isBusy} onClick={remove}>
            Deregister {consumer.ConsumerName}
          </button>
        ) : (
          <button
            type="button"
            class="small"
            disabled={isFixed || !isActive}
            onClick={() => setSure(true)}
            aria-label={`Deregister ${consumer.ConsumerName}…`}
          >
            Deregister…
          </button>
        )}
        {error && <ErrorNotice error={error} />}
      </td>
    </tr>
  );
}

/** How far each reader of each shard was behind at its last read: the slowest first. */
function Lags({ stream }: { stream: string }) {
  const traffic = useShardTraffic(stream);
  const lags = (traffic ?? [])
    .flatMap(({ shard, readers }) => readers.map((reader) => ({ shard, ...reader })))
    .sort((a, b) => b.behindMs - a.behindMs);
  return (
    <section aria-label="Lag by shard">
      <h2>Lag by shard</h2>
      {traffic === undefined && (
        <p class="quiet">
          Lag by shard is counted by a local server only. The metrics have the age of iterators, where they are
          published.
        </p>
      )}
      {traffic !== undefined && lags.length === 0 && <Empty>Nobody has read this stream in the last minutes.</Empty>}
      {lags.length > 0 && (
        <Scroll label="Lags">
          <table>
            <thead>
              <tr>
                <th scope="col">Reader</th>
                <th scope="col">Shard</th>
                <th scope="col" class="number">
                  Behind
                </th>
                <th scope="col" class="number">
                  Last read
                </th>
              </tr>
            </thead>
            <tbody>
              {lags.slice(0, MAX_LAGS).map(({ shard, consumer, behindMs, at }) => (
                <tr key={`${consumer ?? ''} ${shard}`}>
                  <th scope="row">{consumer ?? 'polling'}</th>
                  <td>{shard}</td>
                  <td class="number">{behindMs === 0 ? 'at the tip' : duration(behindMs)}</td>
                  <td class="number">{duration(Math.max(0, Date.now() - at))} ago</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
