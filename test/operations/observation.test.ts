import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encode } from 'cborg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallChoice } from '../../functions/call-choice.ts';
import type { MetricValue } from '../../functions/observation.ts';
import { cloudWatchObserver, type Observer } from '../../functions/observer.ts';
import { base64, SIGNED, TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';

// biome-ignore lint/suspicious/noExplicitAny: lines of every shape
let lines: any[] = [];
let metrics: { dimensions: object; values: Record<string, number> }[] = [];
let api: TestApi;
const clock = new TestClock();

const CBOR = 'application/x-amz-cbor-1.1';

const observer: Observer = {
  log: (line) => lines.push(line),
  metrics: (dimensions, values) => {
    metrics.push({ dimensions, values: Object.fromEntries(values.map(({ name, value }) => [name, value])) });
  },
};

beforeAll(async () => {
  api = await TestApi.start({
    observer,
    clock,
    environment: { OBSERVE: 'all', THROTTLING: 'on', LIMITS: '{"shardRecordsPerSecond":3}' },
  });
  await api.createStream('seen');
});

beforeEach(() => {
  lines = [];
  metrics = [];
});

afterAll(() => api.close());

const records = (count: number) =>
  Array.from({ length: count }, () => ({ PartitionKey: 'secret-key', Data: base64('secret-data') }));

describe('each answered call', () => {
  it('is one line: what was called, on which stream, how it ended and what it cost; never data or keys', async () => {
    await api.ok('PutRecord', { StreamName: 'seen', ...records(1)[0] });
    await api.call('PutRecord', { StreamName: 'unseen', ...records(1)[0] });

    expect(lines).toMatchObject([
      {
        operation: 'PutRecord',
        stream: 'seen',
        records: 1,
        dynamodb: { calls: expect.any(Number), writeUnits: expect.any(Number) },
      },
      { operation: 'PutRecord', stream: 'unseen', fault: 'ResourceNotFoundException' },
    ]);
    expect(lines[0].requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(lines[0].dynamodb.writeUnits).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(lines)).not.toMatch(/secret/);
    expect(JSON.stringify(metrics)).not.toMatch(/secret/);
  });

  it('costs what it costs alone, also beside others', async () => {
    await Promise.all([
      api.ok('DescribeStreamSummary', { StreamName: 'seen' }),
      api.ok('ListStreams', {}),
      api.ok('DescribeStreamSummary', { StreamName: 'seen' }),
    ]);

    const byOperation = (name: string) => lines.filter(({ operation }) => operation === name);
    expect(byOperation('ListStreams')).toMatchObject([{ dynamodb: { calls: 1 } }]);
    expect(new Set(byOperation('DescribeStreamSummary').map(({ dynamodb }) => dynamodb.calls)).size).toBe(1);
  });

  it('that puts is measured under the names of Kinesis, by its stream', async () => {
    clock.nextSecond();
    await api.ok('PutRecords', { StreamName: 'seen', Records: records(5) });

    expect(metrics.filter(({ dimensions }) => 'StreamName' in dimensions)).toMatchObject([
      {
        dimensions: { StreamName: 'seen' },
        values: {
          'PutRecords.Success': 1,
          'PutRecords.TotalRecords': 5,
          'PutRecords.SuccessfulRecords': 3,
          'PutRecords.ThrottledRecords': 2,
          'PutRecords.FailedRecords': 0,
          'PutRecords.Bytes': 63,
          IncomingBytes: 63,
          IncomingRecords: 3,
          WriteProvisionedThroughputExceeded: 2,
        },
      },
    ]);
  });

  it('that reads tells how far behind its reader is', async () => {
    const start = { StreamName: 'seen', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await api.ok('GetShardIterator', start);
    metrics = [];
    clock.pass(5_000);
    const page = await api.ok('GetRecords', { ShardIterator, Limit: 1 });

    expect(page.Records).toHaveLength(1);
    expect(metrics).toMatchObject([
      {
        dimensions: { StreamName: 'seen' },
        values: { 'GetRecords.Success': 1, 'GetRecords.Records': 1, 'GetRecords.Bytes': 21 },
      },
    ]);
    expect(metrics[0]?.values['GetRecords.IteratorAgeMilliseconds']).toBeGreaterThanOrEqual(5_000);
  });

  it('is measured by its shard where enhanced monitoring is on, and only as far as it is', async () => {
    await api.ok('EnableEnhancedMonitoring', {
      StreamName: 'seen',
      ShardLevelMetrics: ['IncomingRecords', 'OutgoingRecords'],
    });
    await api.inStatus('seen', 'ACTIVE');
    clock.nextSecond();
    metrics = [];
    await api.ok('PutRecord', { StreamName: 'seen', ...records(1)[0] });
    const start = { StreamName: 'seen', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await api.ok('GetShardIterator', start);
    await api.ok('GetRecords', { ShardIterator, Limit: 1 });

    const ofShard = metrics.filter(({ dimensions }) => 'ShardId' in dimensions);
    expect(ofShard).toEqual([
      { dimensions: { StreamName: 'seen', ShardId: 'shardId-000000000000' }, values: { IncomingRecords: 1 } },
      { dimensions: { StreamName: 'seen', ShardId: 'shardId-000000000000' }, values: { OutgoingRecords: 1 } },
    ]);
  });

  it('on a stream that is not there makes no metric of that name: names would cost money', async () => {
    await api.call('DescribeStream', { StreamName: 'made-up' });

    expect(metrics).toEqual([]);
  });
});

describe('a fault that nobody foresaw', () => {
  it('is counted even where nothing else can be told of the request', async () => {
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'rivulet-gone-')), 'credentials.json');
    await writeFile(file, '{"credentials":[]}');
    const locked = await TestApi.start({ observer, environment: { OBSERVE: 'faults', CREDENTIALS_FILE: file } });
    await rm(path.dirname(file), { recursive: true });
    metrics = [];

    expect((await locked.call('ListStreams', {})).status).toBe(500);

    expect(metrics).toEqual([{ dimensions: {}, values: { InternalFailures: 1 } }]);
    await locked.close();
  });

  it('is not what the real service answers to a strange request: anybody could wake the owner', async () => {
    const target = 'Kinesis_20131202.NoSuch';
    const noCall = await api.send({
      method: 'POST',
      headers: { ...SIGNED, 'X-Amz-Target': target, 'Content-Type': 'text/plain' },
      body: '{}',
    });
    const start = { StreamName: 'seen', ShardId: '0', ShardIteratorType: 'AT_SEQUENCE_NUMBER' };
    const oldest = await api.call('GetShardIterator', { ...start, StartingSequenceNumber: '0' });

    const inCbor = await api.send({
      method: 'POST',
      headers: { ...SIGNED, 'X-Amz-Target': 'Kinesis_20131202.SubscribeToShard', 'Content-Type': CBOR },
      body: new Uint8Array(
        encode({
          ConsumerARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/seen/consumer/reader:1',
          ShardId: '0',
          StartingPosition: { Type: 'LATEST' },
        }),
      ),
    });

    expect([noCall.status, oldest.status, inCbor.status]).toEqual([500, 500, 500]);
    expect(metrics.filter(({ values }) => 'InternalFailures' in values)).toEqual([]);
  });
});

describe('what an owner chooses to observe', () => {
  async function observed(environment: Record<string, string>) {
    const chosen = await TestApi.start({
      observer,
      clock,
      environment: { THROTTLING: 'on', LIMITS: '{"shardRecordsPerSecond":3}', ...environment },
    });
    await chosen.createStream('first');
    await chosen.createStream('second');
    clock.nextSecond();
    lines = [];
    metrics = [];
    return chosen;
  }
  const put = (to: TestApi, StreamName: string) => to.call('PutRecord', { StreamName, ...records(1)[0] });

  it('is by default a line for each call that failed or was throttled, and nothing of the others', async () => {
    const chosen = await observed({ OBSERVE: 'faults' });
    await put(chosen, 'first');
    await put(chosen, 'unseen');
    await chosen.ok('PutRecords', { StreamName: 'first', Records: records(5) });

    expect(lines).toMatchObject([
      { operation: 'PutRecord', fault: 'ResourceNotFoundException' },
      { operation: 'PutRecords', failedRecords: 3 },
    ]);
    expect(metrics).toEqual([{ dimensions: {}, values: { ThrottledRequests: 1 } }]);
    await chosen.close();
  });

  it('is with sampling also one in so many of the others', async () => {
    const chosen = await observed({ OBSERVE: 'sampled:10' });
    for (let call = 0; call < 40; call++) {
      clock.nextSecond();
      await chosen.ok('ListStreams', {});
    }
    await put(chosen, 'unseen');

    // Creating the streams took some calls.
    expect(lines.filter(({ fault }) => fault === undefined)).toHaveLength(4);
    expect(lines.filter(({ fault }) => fault !== undefined)).toHaveLength(1);
    await chosen.close();
  });

  it('has metrics of the streams that it names, and of no other', async () => {
    const chosen = await observed({ OBSERVE: 'faults', STREAM_METRICS: 'second' });
    await put(chosen, 'first');
    await put(chosen, 'second');

    expect(metrics).toMatchObject([{ dimensions: { StreamName: 'second' }, values: { IncomingRecords: 1 } }]);
    await chosen.close();
  });

  it('cannot be made dear by clients: the lines of a second are few, and the next one counts the others', () => {
    let second = 0;
    const choice = new CallChoice({ of: 'faults' }, () => second * 1_000);
    const call = { operation: { name: 'ListStreams' }, input: {}, output: undefined, latencyMs: 1, nowMs: 0 };
    const failed = { ...call, fault: 'LimitExceededException' };
    const chosen = Array.from({ length: 100 }, () => choice.choose(failed));
    second += 1;

    expect(chosen.filter((line) => line !== undefined)).toHaveLength(2);
    expect(choice.choose({ ...call, fault: undefined })).toBeUndefined();
    expect(choice.choose(failed)).toEqual({ untold: 98, all: { remarkable: 99, throttled: 0, slow: 0 } });
    expect(choice.choose({ ...call, fault: undefined, latencyMs: 2_500 })).toEqual({
      untold: 0,
      all: { remarkable: 1, throttled: 0, slow: 1 },
    });
  });

  it('counts untold calls by their kind: a line of one kind does not hide or invent those of another', () => {
    let second = 0;
    const choice = new CallChoice({ of: 'faults' }, () => second * 1_000);
    const call = { operation: { name: 'GetRecords' }, input: {}, output: undefined, latencyMs: 1, nowMs: 0 };
    const throttled = { ...call, fault: 'ProvisionedThroughputExceededException' };
    const unknown = { ...call, fault: 'ResourceNotFoundException' };
    const all = [...Array(10).fill(unknown), ...Array(5).fill(throttled)].map((each) => choice.choose(each));
    second += 1;

    expect(all.filter((line) => line !== undefined)).toHaveLength(2);
    expect(choice.choose(unknown)?.all).toEqual({ remarkable: 14, throttled: 5, slow: 0 });
    expect(choice.choose(throttled)?.all).toEqual({ remarkable: 1, throttled: 1, slow: 0 });
  });
});

describe('the observer of CloudWatch', () => {
  it('writes metrics in the embedded metric format, with these dimensions and no others', () => {
    const printed = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    const value: MetricValue = { name: 'IncomingRecords', unit: 'Count', value: 3 };

    cloudWatchObserver().metrics({ StreamName: 'a', ShardId: 'b' }, [value]);

    const blob = JSON.parse(String(printed.mock.calls[0]?.[0]));
    printed.mockRestore();
    expect(blob).toMatchObject({ StreamName: 'a', ShardId: 'b', IncomingRecords: 3 });
    expect(blob._aws.CloudWatchMetrics).toEqual([
      {
        Namespace: 'Rivulet',
        Dimensions: [['StreamName', 'ShardId']],
        Metrics: [{ Name: 'IncomingRecords', Unit: 'Count' }],
      },
    ]);
  });
});
