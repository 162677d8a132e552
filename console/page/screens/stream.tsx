import { useLocation, useRoute } from 'preact-iso';
import { streamAddress, streamOf } from '../address.ts';
import { useKeys } from '../keys.ts';
import { describeStream } from '../kinesis.ts';
import { Boundary } from '../parts/boundary.tsx';
import { Shown } from '../parts/notice.tsx';
import { Status } from '../parts/status.tsx';
import { useSession } from '../session.ts';
import { useAsked, useTitle } from '../use.ts';
import { ConsumersScreen } from './consumers.tsx';
import { MetricsScreen } from './metrics.tsx';
import { OverviewScreen } from './overview.tsx';
import { PutScreen } from './put.tsx';
import { RecordsScreen } from './records.tsx';
import { ShardsScreen } from './shards.tsx';

/** The screens of a stream, by their addresses. Screens of the same kind get a place here. */
const SCREENS = [
  { name: '', title: 'Overview', Screen: OverviewScreen },
  { name: 'shards', title: 'Shards', Screen: ShardsScreen },
  { name: 'records', title: 'Records', Screen: RecordsScreen },
  { name: 'put', title: 'Put', Screen: PutScreen },
  { name: 'consumers', title: 'Consumers', Screen: ConsumersScreen },
  { name: 'metrics', title: 'Metrics', Screen: MetricsScreen },
] as const;

/** How often a stream is looked at, ms: often while it changes, and seldom where each look costs. */
const CHANGING_MS = { local: 500, deployed: 2_000, aws: 2_000 } as const;
const RESTING_MS = { local: 5_000, deployed: 20_000, aws: 20_000 } as const;

export function StreamScreen() {
  const { about } = useSession();
  const { params } = useRoute();
  const { route } = useLocation();
  const name = streamOf(params.stream);
  const screen = SCREENS.find((one) => one.name === (params.screen ?? '')) ?? SCREENS[0];
  const asked = useAsked(
    name,
    (signal) => describeStream(name, signal),
    (value) => (value !== undefined && value.StreamStatus !== 'ACTIVE' ? CHANGING_MS : RESTING_MS)[about.kind],
  );
  useTitle(`${screen.title} · ${name}`);
  useKeys({
    u: () => route('/'),
    ...Object.fromEntries(SCREENS.map((one, index) => [`${index + 1}`, () => route(streamAddress(name, one.name))])),
  });
  return (
    <>
      <nav class="crumbs" aria-label="Place">
        <a href="/">Streams</a> <span aria-hidden="true">/</span>
        <h1>{name}</h1>
        {asked.value && <Status status={asked.value.StreamStatus} />}
      </nav>
      <nav class="tabs" aria-label="Screens of the stream">
        {SCREENS.map((one) => (
          <a key={one.name} href={streamAddress(name, one.name)} aria-current={one === screen ? 'page' : undefined}>
            {one.title}
          </a>
        ))}
      </nav>
      <Boundary at={`${name} ${screen.name}`}>
        <Shown asked={asked} what="the stream">
          {(stream) => (
            <screen.Screen key={`${name} ${stream.StreamCreationTimestamp}`} stream={stream} asked={asked} />
          )}
        </Shown>
      </Boundary>
    </>
  );
}
