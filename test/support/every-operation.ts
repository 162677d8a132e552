/** What a client library has to provide: it calls an action with members named as in the API. */
// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
export type CallAction = (action: string, input: Record<string, unknown>) => Promise<any>;

/**
 * Calls every operation at least once. All calls succeed.
 * @param settled waits until the stream is ACTIVE
 * @returns the actions that were called
 */
export async function callEveryOperation(client: CallAction, settled: (stream: string) => Promise<void>) {
  const called = new Set<string>();
  const call: CallAction = (action, input) => {
    called.add(action);
    return client(action, input);
  };
  const StreamName = 'every';
  const stream = { StreamName };
  const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/every';
  const byArn = { StreamARN };
  const resource = { ResourceARN: StreamARN };
  const key = { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' };
  const changing = async (action: string, input: Record<string, unknown>) => {
    await call(action, input);
    await settled(StreamName);
  };

  await changing('CreateStream', { ...stream, ShardCount: 2 });
  await call('PutRecord', { ...stream, PartitionKey: 'a', Data: Buffer.from('1') });
  await call('PutRecords', { ...stream, Records: [{ PartitionKey: 'a', Data: Buffer.from('2') }] });
  const ShardId = 'shardId-000000000000';
  const { ShardIterator } = await call('GetShardIterator', { ...stream, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
  const { Records } = await call('GetRecords', { ShardIterator });
  await call('DescribeStream', stream);
  await call('DescribeStreamSummary', stream);
  await call('ListStreams', {});
  await call('ListShards', stream);
  await call('AddTagsToStream', { ...stream, Tags: { a: 'b' } });
  await call('ListTagsForStream', stream);
  await call('RemoveTagsFromStream', { ...stream, TagKeys: ['a'] });
  await call('TagResource', { ...resource, Tags: { c: 'd' } });
  await call('ListTagsForResource', resource);
  await call('UntagResource', { ...resource, TagKeys: ['c'] });
  await call('PutResourcePolicy', {
    ...resource,
    Policy: '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kinesis:*","Resource":"*"}]}',
  });
  await call('GetResourcePolicy', resource);
  await call('DeleteResourcePolicy', resource);
  await call('IncreaseStreamRetentionPeriod', { ...stream, RetentionPeriodHours: 48 });
  await call('DecreaseStreamRetentionPeriod', { ...stream, RetentionPeriodHours: 24 });
  await changing('StartStreamEncryption', { ...stream, ...key });
  await changing('StopStreamEncryption', { ...stream, ...key });
  await changing('EnableEnhancedMonitoring', { ...stream, ShardLevelMetrics: ['ALL'] });
  await changing('DisableEnhancedMonitoring', { ...stream, ShardLevelMetrics: ['ALL'] });
  await changing('UpdateMaxRecordSize', { ...byArn, MaxRecordSizeInKiB: 2048 });
  await changing('SplitShard', { ...stream, ShardToSplit: ShardId, NewStartingHashKey: '1000' });
  await changing('MergeShards', {
    ...stream,
    ShardToMerge: 'shardId-000000000002',
    AdjacentShardToMerge: 'shardId-000000000003',
  });
  await changing('UpdateShardCount', { ...stream, TargetShardCount: 3, ScalingType: 'UNIFORM_SCALING' });
  await call('RegisterStreamConsumer', { ...byArn, ConsumerName: 'c' });
  const consumer = await activeConsumer(() => call('DescribeStreamConsumer', { ...byArn, ConsumerName: 'c' }));
  const StartingPosition = { Type: 'TRIM_HORIZON' };
  const { EventStream } = await call('SubscribeToShard', { ConsumerARN: consumer, ShardId, StartingPosition });
  // The CLI returns no event stream.
  await EventStream?.[Symbol.asyncIterator]().next();
  await call('ListStreamConsumers', byArn);
  await call('DeregisterStreamConsumer', { ...byArn, ConsumerName: 'c' });
  await call('DescribeLimits', {});
  await call('UpdateAccountSettings', { MinimumThroughputBillingCommitment: { Status: 'ENABLED' } });
  await call('DescribeAccountSettings', {});
  await changing('UpdateStreamMode', { ...byArn, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
  await changing('UpdateStreamWarmThroughput', { ...stream, WarmThroughputMiBps: 5 });
  await call('DeleteStream', { ...stream, EnforceConsumerDeletion: true });
  return { called, read: Records.length };
}

async function activeConsumer(
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  describe: () => Promise<any>,
): Promise<string> {
  for (;;) {
    const { ConsumerDescription } = await describe();
    if (ConsumerDescription.ConsumerStatus === 'ACTIVE') {
      return ConsumerDescription.ConsumerARN;
    }
  }
}
