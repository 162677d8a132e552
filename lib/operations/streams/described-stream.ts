import { type Account, type Stream, streamArn } from '../../model/stream.ts';
import type { SHARD_LEVEL_METRICS } from '../../schema/shapes.ts';

type MetricName = (typeof SHARD_LEVEL_METRICS)[number];

/** What StreamDescription and StreamDescriptionSummary have in common. */
export function describedStream(stream: Stream, account: Account) {
  return {
    StreamName: stream.name,
    StreamARN: streamArn(account, stream.name),
    StreamStatus: stream.status,
    StreamModeDetails: { StreamMode: stream.mode },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: stream.createdMs,
    EnhancedMonitoring: [{ ShardLevelMetrics: [...stream.shardLevelMetrics] as MetricName[] }],
    ...(stream.keyId === null
      ? { EncryptionType: 'NONE' as const }
      : { EncryptionType: 'KMS' as const, KeyId: stream.keyId }),
  };
}
