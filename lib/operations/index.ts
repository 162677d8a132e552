import { describeAccountSettings } from './account/describe-account-settings.ts';
import { describeLimits } from './account/describe-limits.ts';
import { updateAccountSettings } from './account/update-account-settings.ts';
import { deregisterStreamConsumer } from './consumers/deregister-stream-consumer.ts';
import { describeStreamConsumer } from './consumers/describe-stream-consumer.ts';
import { listStreamConsumers } from './consumers/list-stream-consumers.ts';
import { registerStreamConsumer } from './consumers/register-stream-consumer.ts';
import { subscribeToShard } from './consumers/subscribe-to-shard.ts';
import type { Operation } from './operation.ts';
import { deleteResourcePolicy } from './policies/delete-resource-policy.ts';
import { getResourcePolicy } from './policies/get-resource-policy.ts';
import { putResourcePolicy } from './policies/put-resource-policy.ts';
import { getRecords } from './records/get-records.ts';
import { getShardIterator } from './records/get-shard-iterator.ts';
import { putRecord } from './records/put-record.ts';
import { putRecords } from './records/put-records.ts';
import { listShards } from './shards/list-shards.ts';
import { mergeShards } from './shards/merge-shards.ts';
import { splitShard } from './shards/split-shard.ts';
import { updateShardCount } from './shards/update-shard-count.ts';
import { createStream } from './streams/create-stream.ts';
import { decreaseStreamRetentionPeriod } from './streams/decrease-stream-retention-period.ts';
import { deleteStream } from './streams/delete-stream.ts';
import { describeStream } from './streams/describe-stream.ts';
import { describeStreamSummary } from './streams/describe-stream-summary.ts';
import { disableEnhancedMonitoring } from './streams/disable-enhanced-monitoring.ts';
import { enableEnhancedMonitoring } from './streams/enable-enhanced-monitoring.ts';
import { increaseStreamRetentionPeriod } from './streams/increase-stream-retention-period.ts';
import { listStreams } from './streams/list-streams.ts';
import { startStreamEncryption } from './streams/start-stream-encryption.ts';
import { stopStreamEncryption } from './streams/stop-stream-encryption.ts';
import { updateMaxRecordSize } from './streams/update-max-record-size.ts';
import { updateStreamMode } from './streams/update-stream-mode.ts';
import { updateStreamWarmThroughput } from './streams/update-stream-warm-throughput.ts';
import { addTagsToStream } from './tags/add-tags-to-stream.ts';
import { listTagsForResource } from './tags/list-tags-for-resource.ts';
import { listTagsForStream } from './tags/list-tags-for-stream.ts';
import { removeTagsFromStream } from './tags/remove-tags-from-stream.ts';
import { tagResource } from './tags/tag-resource.ts';
import { untagResource } from './tags/untag-resource.ts';

/** The table of operations: each by its action name. Nothing else knows all operations. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [
    addTagsToStream,
    createStream,
    decreaseStreamRetentionPeriod,
    deleteResourcePolicy,
    deleteStream,
    deregisterStreamConsumer,
    describeAccountSettings,
    describeLimits,
    describeStreamConsumer,
    describeStreamSummary,
    describeStream,
    disableEnhancedMonitoring,
    enableEnhancedMonitoring,
    getRecords,
    getResourcePolicy,
    getShardIterator,
    increaseStreamRetentionPeriod,
    listShards,
    listStreamConsumers,
    listStreams,
    listTagsForResource,
    listTagsForStream,
    mergeShards,
    putRecord,
    putRecords,
    putResourcePolicy,
    registerStreamConsumer,
    removeTagsFromStream,
    splitShard,
    startStreamEncryption,
    stopStreamEncryption,
    subscribeToShard,
    tagResource,
    untagResource,
    updateAccountSettings,
    updateMaxRecordSize,
    updateShardCount,
    updateStreamMode,
    updateStreamWarmThroughput,
  ].map((operation) => [operation.name, operation as unknown as Operation]),
);
