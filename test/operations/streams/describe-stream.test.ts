import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApi } from '../../support/test-api.ts';
import { TestClock } from '../../support/test-clock.ts';

const clock = new TestClock();
let api: TestApi;

beforeAll(async () => {
  api = await TestApi.start({ clock });
  await api.createStream('three', 3);
  await api.createStream('many', 101);
});

afterAll(() => api.close());

describe('DescribeStream', () => {
  it('tells the whole stream', async () => {
    const { StreamDescription } = await api.ok('DescribeStream', { StreamName: 'three' });
    const { StreamCreationTimestamp, Shards, ...rest } = StreamDescription;

    expect(rest).toEqual({
      StreamName: 'three',
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/three',
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      RetentionPeriodHours: 24,
      EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
      EncryptionType: 'NONE',
      HasMoreShards: false,
    });
    // A stream says that it was created a moment before the call.
    expect(StreamCreationTimestamp).toBe(Math.floor(clock.now() / 1000) - 2);
    expect(Shards.map((s: { HashKeyRange: object }) => s.HashKeyRange)).toEqual([
      { StartingHashKey: '0', EndingHashKey: '113427455640312821154458202477256070484' },
      {
        StartingHashKey: '113427455640312821154458202477256070485',
        EndingHashKey: '226854911280625642308916404954512140969',
      },
      {
        StartingHashKey: '226854911280625642308916404954512140970',
        EndingHashKey: '340282366920938463463374607431768211455',
      },
    ]);
    expect(Object.keys(Shards[1])).toEqual(['ShardId', 'HashKeyRange', 'SequenceNumberRange']);
    expect(
      BigInt(Shards[1].SequenceNumberRange.StartingSequenceNumber) -
        BigInt(Shards[0].SequenceNumberRange.StartingSequenceNumber),
    ).toBe(22300745198530623141535718272648361505980432n);
    expect(Object.keys(Shards[1].SequenceNumberRange)).toEqual(['StartingSequenceNumber']);
  });

  it('pages through shards', async () => {
    const first = (await api.ok('DescribeStream', { StreamName: 'three', Limit: 2 })).StreamDescription;
    const rest = (
      await api.ok('DescribeStream', { StreamName: 'three', ExclusiveStartShardId: 'shardId-000000000001' })
    ).StreamDescription;

    expect([first.Shards.length, first.HasMoreShards]).toEqual([2, true]);
    expect(rest.Shards.map((s: { ShardId: string }) => s.ShardId)).toEqual(['shardId-000000000002']);
    expect(rest.HasMoreShards).toBe(false);
  });

  it('shows at most 100 shards, whatever the limit', async () => {
    const { Shards, HasMoreShards } = (await api.ok('DescribeStream', { StreamName: 'many', Limit: 10_000 }))
      .StreamDescription;

    expect([Shards.length, HasMoreShards]).toEqual([100, true]);
  });

  it('finds a stream by its ARN, and by name and ARN when they agree', async () => {
    const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/three';

    expect((await api.call('DescribeStream', { StreamARN })).status).toBe(200);
    expect((await api.call('DescribeStream', { StreamARN, StreamName: 'three' })).status).toBe(200);
    expect((await api.call('DescribeStream', { StreamARN, StreamName: 'many' })).body.__type).toBe(
      'InvalidArgumentException',
    );
    expect((await api.call('DescribeStream', {})).body.__type).toBe('InvalidArgumentException');
  });

  it('does not find a stream by an ARN whose name no stream can have', async () => {
    const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${'n'.repeat(1_100)}`;

    expect((await api.call('DescribeStream', { StreamARN })).body.__type).toBe('ResourceNotFoundException');
    expect((await api.call('PutRecord', { StreamARN, PartitionKey: 'k', Data: '' })).body.__type).toBe(
      'ResourceNotFoundException',
    );
  });

  it('comes to an end with a hostile ARN, and refuses it', async () => {
    const { status } = await api.call('DescribeStream', { StreamARN: `arn:aws${':kinesis:'.repeat(100_000)}` });

    expect(status).toBe(400);
  });

  it('does not find a stream by the ARN of another account or region', async () => {
    expect(
      (await api.call('DescribeStream', { StreamARN: 'arn:aws:kinesis:us-east-1:111111111111:stream/three' })).body,
    ).toEqual({
      __type: 'ResourceNotFoundException',
      message: 'Stream three under account 111111111111 not found.',
    });
    expect(
      (await api.call('DescribeStream', { StreamARN: 'arn:aws:kinesis:eu-west-1:000000000000:stream/three' })).status,
    ).toBe(400);
  });
});
