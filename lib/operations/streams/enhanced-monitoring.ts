import type { Deps } from '../../deps.ts';
import { streamArn } from '../../model/stream.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireActive, updating } from '../../resources/change-stream.ts';
import { SHARD_LEVEL_METRICS, ShardLevelMetrics, StreamArn, StreamId, StreamName } from '../../schema/shapes.ts';
import { type Infer, required, structure } from '../../schema/structure.ts';

/** The input of both operations. */
export const monitoringInput = structure({
  StreamName: StreamName,
  ShardLevelMetrics: required(ShardLevelMetrics),
  StreamARN: StreamArn,
  StreamId: StreamId,
});

/** The output of both operations: the metrics before and after the change. */
export const monitoringOutput = structure({
  StreamName: StreamName,
  CurrentShardLevelMetrics: ShardLevelMetrics,
  DesiredShardLevelMetrics: ShardLevelMetrics,
  StreamARN: StreamArn,
});

type MetricName = (typeof SHARD_LEVEL_METRICS)[number];

/**
 * Changes a stream's shard-level metrics. `ALL` means all seven.
 * @param isOn whether a metric is on afterwards, from whether it was on and whether the request names it
 */
export async function changeMonitoring(
  input: Infer<typeof monitoringInput>,
  deps: Deps,
  isOn: (before: boolean, named: boolean) => boolean,
): Promise<Infer<typeof monitoringOutput>> {
  const reference = addressedStream(input, deps);
  const named = (metric: string) => input.ShardLevelMetrics.some((name) => name === 'ALL' || name === metric);
  const desired = (current: readonly string[]) =>
    SHARD_LEVEL_METRICS.filter((metric) => isOn(current.includes(metric), named(metric)));
  const stream = await changeExistingStream(reference, deps, (stream) => {
    requireActive(stream, reference);
    return updating({ kind: 'UPDATE', changes: { shardLevelMetrics: desired(stream.shardLevelMetrics) } }, deps);
  });
  return {
    StreamName: stream.name,
    CurrentShardLevelMetrics: [...stream.shardLevelMetrics] as MetricName[],
    DesiredShardLevelMetrics: desired(stream.shardLevelMetrics),
    StreamARN: streamArn(deps.account, stream.name),
  };
}
