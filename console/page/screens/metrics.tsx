import type { Traffic, TrafficSecond } from '../../wire.ts';
import { ask } from '../api.ts';
import { bytes, dollars, duration, short } from '../model/format.ts';
import { trafficRows } from '../model/traffic-rows.ts';
import { Chart } from '../parts/chart.tsx';
import { Shown } from '../parts/notice.tsx';
import { seenSeconds } from '../seen.ts';
import { useAsked } from '../use.ts';
import type { StreamProps } from './stream-props.ts';

const LIVE_MS = 1_000;
const CLOUDWATCH_MS = 60_000;

interface Both {
  readonly stream: Traffic;
  readonly all: Traffic;
}

/** What a stream gets and gives, and what DynamoDB does for it. */
export function MetricsScreen({ stream: { StreamName } }: StreamProps) {
  const asked = useAsked<Both>(
    `metrics ${StreamName}`,
    async (signal) => {
      const [stream, all] = await Promise.all([
        ask<Traffic>('traffic', { stream: StreamName }, signal),
        ask<Traffic>('traffic', {}, signal),
      ]);
      return { stream: stream.source === 'none' ? { ...stream, seconds: [...seenSeconds(StreamName)] } : stream, all };
    },
    (value) => (value?.stream.source === 'cloudwatch' ? CLOUDWATCH_MS : LIVE_MS),
  );
  return (
    <Shown asked={asked} what="metrics">
      {({ stream, all }) => (
        <>
          <p class="quiet">
            {SOURCES[stream.source]} {stream.note}
          </p>
          <div class="charts">
            <StreamCharts traffic={stream} />
            {all.source === 'process' && <DynamoDbCharts traffic={all} />}
          </div>
        </>
      )}
    </Shown>
  );
}

const SOURCES: Readonly<Record<Traffic['source'], string>> = {
  process: 'Counted by the local server, second by second, for five minutes.',
  cloudwatch: 'From CloudWatch, minute by minute, for an hour.',
  none: 'Only what this page itself has put, read and waited for.',
};

type Counter = Exclude<keyof TrafficSecond, 'at'>;

function StreamCharts({ traffic }: { traffic: Traffic }) {
  const { times, rows } = trafficRows(traffic);
  const of = (counter: Counter, scale = 1) => rows.map((row) => (row?.[counter] ?? 0) / scale);
  const { period } = traffic;
  return (
    <>
      <Chart
        title="Records a second"
        times={times}
        format={short}
        lines={[
          { label: 'in', values: of('recordsIn', period) },
          { label: 'out', values: of('recordsOut', period) },
        ]}
      />
      <Chart
        title="Bytes a second"
        times={times}
        format={(value) => bytes(Math.round(value))}
        lines={[
          { label: 'in', values: of('bytesIn', period) },
          { label: 'out', values: of('bytesOut', period) },
        ]}
      />
      <Chart title="Throttles" times={times} format={short} lines={[{ label: 'refused', values: of('throttled') }]} />
      <Chart
        title="Latency"
        times={times}
        format={duration}
        lines={[
          { label: 'longest', values: rows.map((row) => row?.maxLatencyMs) },
          ...(traffic.source === 'cloudwatch'
            ? []
            : [{ label: 'mean', values: rows.map((row) => (row?.calls ? row.latencyMs / row.calls : undefined)) }]),
        ]}
      />
      {traffic.source !== 'none' && (
        <Chart
          title="Iterator age"
          times={times}
          format={duration}
          lines={[{ label: 'slowest reader', values: rows.map((row) => row?.behindMs) }]}
        />
      )}
    </>
  );
}

/** The calls of all streams: they are not counted by stream. */
function DynamoDbCharts({ traffic }: { traffic: Traffic }) {
  const { times, rows } = trafficRows(traffic);
  const of = (counter: Counter) => rows.map((row) => row?.[counter] ?? 0);
  return (
    <>
      <Chart
        title="DynamoDB units a second, all streams"
        times={times}
        format={short}
        lines={[
          { label: 'write', values: of('writeUnits') },
          { label: 'read', values: of('readUnits') },
        ]}
      />
      <Chart
        title="DynamoDB calls a second, all streams"
        times={times}
        format={short}
        lines={[{ label: 'calls', values: of('dynamodbCalls') }]}
      />
      <section class="figure" aria-label="Cost">
        <h2>DynamoDB, deployed</h2>
        <p class="big">{dollars(traffic.dollarsAMonth ?? 0)} a month</p>
        <p class="quiet">
          at the rate of the last minute, all streams, list prices of us-east-1. A deployment compresses more, and so
          may cost less; <code>rivulet cost</code> has the whole bill.
        </p>
      </section>
    </>
  );
}
