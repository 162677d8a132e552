import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Endpoint } from '../../client/endpoint.ts';
import { METRICS_NAMESPACE } from '../../functions/metric-names.ts';
import { newSecond, type Traffic } from '../wire.ts';

/** The least period of such metrics, s. */
const PERIOD_SECONDS = 60;

/** How far is looked back, s. */
const WINDOW_SECONDS = 3_600;

/** Metrics of a stream, as Kinesis names them, and where they are counted. */
const METRICS = [
  ['IncomingRecords', 'Sum', 'recordsIn'],
  ['IncomingBytes', 'Sum', 'bytesIn'],
  ['GetRecords.Records', 'Sum', 'recordsOut'],
  ['GetRecords.Bytes', 'Sum', 'bytesOut'],
  ['WriteProvisionedThroughputExceeded', 'Sum', 'throttled'],
  ['ReadProvisionedThroughputExceeded', 'Sum', 'throttled'],
  ['PutRecord.Latency', 'Maximum', 'maxLatencyMs'],
  ['PutRecords.Latency', 'Maximum', 'maxLatencyMs'],
  ['GetRecords.IteratorAgeMilliseconds', 'Maximum', 'behindMs'],
] as const;

const QUERY_DOLLARS = 0.01 / 1_000;

/** What each look costs, for people to read: CloudWatch bills the metrics that are asked for. */
export const LOOK_COST = `CloudWatch bills $${(METRICS.length * QUERY_DOLLARS).toFixed(5)} for each look, one a minute.`;

/** Reads the last hour of a stream from CloudWatch: of Kinesis itself, or of a deployment that publishes metrics. */
export async function cloudWatchTraffic(
  client: CloudWatchClient,
  kind: Endpoint['kind'],
  streamName: string,
  nowMs: number = Date.now(),
): Promise<Traffic> {
  const { GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const Namespace = kind === 'aws' ? 'AWS/Kinesis' : METRICS_NAMESPACE;
  const end = Math.floor(nowMs / 1_000 / PERIOD_SECONDS) * PERIOD_SECONDS;
  const MetricDataQueries = METRICS.map(
    ([MetricName, Stat], index): MetricDataQuery => ({
      Id: `m${index}`,
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions: [{ Name: 'StreamName', Value: streamName }] },
        Period: PERIOD_SECONDS,
        Stat,
      },
    }),
  );
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      MetricDataQueries,
      StartTime: new Date((end - WINDOW_SECONDS) * 1_000),
      EndTime: new Date(end * 1_000),
    }),
  );
  const minutes = new Map<number, Record<string, number>>();
  for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults) {
    const [, stat, member] = METRICS[Number(Id.slice(1))] ?? METRICS[0];
    Timestamps.forEach((time, index) => {
      const at = time.getTime() / 1_000;
      const minute = minutes.get(at) ?? {};
      const [before, value] = [minute[member] ?? 0, Values[index] ?? 0];
      minutes.set(at, { ...minute, [member]: stat === 'Sum' ? before + value : Math.max(before, value) });
    });
  }
  const seconds = [...minutes].sort(([a], [b]) => a - b).map(([at, values]) => ({ ...newSecond(at), ...values }));
  return seconds.length === 0
    ? { ...NOTHING, note: `CloudWatch has no metrics of this stream in ${Namespace}. ${HINTS[kind]}` }
    : { source: 'cloudwatch', note: LOOK_COST, period: PERIOD_SECONDS, seconds, shards: [] };
}

const HINTS = {
  aws: 'A stream without traffic has none.',
  local: '',
  deployed: 'A deployment publishes them for the streams that its choice streamMetrics names.',
} as const;

/** There are no metrics. */
export const NOTHING: Traffic = { source: 'none', period: 1, seconds: [], shards: [] };
