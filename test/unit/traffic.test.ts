import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import middy from '@middy/core';
import { describe, expect, it } from 'vitest';
import { trafficRows } from '../../console/page/model/traffic-rows.ts';
import { cloudWatchTraffic } from '../../console/server/cloudwatch.ts';
import { TrafficSource } from '../../console/server/traffic.ts';
import { newSecond } from '../../console/wire.ts';
import { countCalls } from '../../functions/middleware/count-calls.ts';
import type { CompletedCall } from '../../functions/observation.ts';
import type { Deps } from '../../lib/deps.ts';
import { TrafficCounters } from '../../local/traffic.ts';
import { until } from '../support/until.ts';

const Data = new Uint8Array(10);
const clock = { toldMs: undefined };
const ok = { fault: undefined, latencyMs: 2, nowMs: 0 };

const put = (ShardId: string, records = 1): CompletedCall => ({
  ...ok,
  operation: { name: 'PutRecords' },
  input: { Records: Array.from({ length: records }, () => ({ PartitionKey: 'k', Data })) },
  output: { Records: Array.from({ length: records }, () => ({ ShardId })) },
});

const read = (records: number, MillisBehindLatest: number): CompletedCall => ({
  ...ok,
  operation: { name: 'GetRecords' },
  input: {},
  output: {
    Records: Array.from({ length: records }, () => ({ PartitionKey: 'k', Data, ApproximateArrivalTimestamp: 0 })),
    MillisBehindLatest,
  },
});

describe('a counter that breaks', () => {
  it('changes no response and no error, and is logged', async () => {
    const logged: string[] = [];
    const deps = { now: () => 0, log: { error: (message: string) => logged.push(message) } } as unknown as Deps;
    const counter = {
      count() {
        throw new Error('broken');
      },
    };
    const handler = (answer: () => unknown) =>
      middy()
        .use(countCalls(deps, counter))
        .handler(answer as never);
    const call = { operation: { name: 'PutRecord' }, input: { StreamName: 'orders' } };

    const answered = await handler(() => ({ SequenceNumber: '1' }))(call as never, {} as never);
    const failed = handler(() => {
      throw new Error('refused');
    })(call as never, {} as never);

    expect(answered).toEqual({ SequenceNumber: '1' });
    await expect(failed).rejects.toThrow('refused');
    await until(() => logged.length === 2);
    expect(logged).toEqual(['a call could not be counted', 'a call could not be counted']);
  });
});

describe('the counters of a local server', () => {
  it('have what came and went, by stream, by shard and by second', () => {
    let now = 1_000_000;
    const counters = new TrafficCounters(() => now);
    counters.count(put('s0', 3), { streamName: 'a' });
    counters.count(put('s1', 2), { streamName: 'b' });
    now += 1_000;
    counters.count(read(3, 700), { streamName: 'a', readShard: 's0' });
    counters.meter('PutItem', { read: 0, write: 4 });

    expect(counters.seconds('a')).toMatchObject([
      { at: 1_000, recordsIn: 3, bytesIn: 33, recordsOut: 0, calls: 1, latencyMs: 2 },
      { at: 1_001, recordsIn: 0, recordsOut: 3, bytesOut: 33 },
    ]);
    expect(counters.seconds()).toMatchObject([
      { at: 1_000, recordsIn: 5, calls: 2, dynamodbCalls: 0 },
      { at: 1_001, recordsOut: 3, dynamodbCalls: 1, writeUnits: 4 },
    ]);
    expect(counters.shards('a')).toEqual([
      {
        shard: 's0',
        recordsIn: 3,
        bytesIn: 33,
        recordsOut: 3,
        readers: [{ consumer: undefined, behindMs: 700, at: 1_001_000 }],
      },
    ]);
    expect(counters.rates()).toMatchObject({ a: { throttled: 0 }, b: { throttled: 0 } });
    expect(counters.rates().a?.recordsIn.slice(-2)).toEqual([3, 0]);
  });

  it('have the events of subscriptions', () => {
    const counters = new TrafficCounters(() => 0);
    const pushed = { streamName: 'a', shard: 's0', records: 2, bytes: 20 };
    counters.pushed({ ...pushed, consumerName: 'first', behindMs: 9 });
    counters.pushed({ ...pushed, consumerName: 'second', behindMs: 4 });
    counters.pushed({ ...pushed, consumerName: 'first', behindMs: 5 });

    expect(counters.seconds('a')).toMatchObject([{ recordsOut: 6, bytesOut: 60, behindMs: 9 }]);
    expect(counters.shards('a')).toMatchObject([
      {
        shard: 's0',
        recordsOut: 6,
        readers: [
          { consumer: 'second', behindMs: 4 },
          { consumer: 'first', behindMs: 5 },
        ],
      },
    ]);
  });

  it('forget what is old, and have an end', () => {
    let now = 0;
    const counters = new TrafficCounters(() => now);
    for (let stream = 0; stream < 2_000; stream++) {
      counters.count(put('s0'), { streamName: `stream-${stream}` });
    }
    expect(Object.keys(counters.rates())).toHaveLength(500);
    for (let shard = 0; shard < 5_000; shard++) {
      counters.count(put(`s${shard}`), { streamName: 'wide' });
    }
    expect(counters.shards('wide')).toHaveLength(2_000);
    for (now = 0; now < 1_000_000; now += 1_000) {
      counters.count(put('s0'), { streamName: 'long' });
    }
    expect(counters.seconds('long').length).toBeLessThanOrEqual(300);
  });

  it('go on when the clock is turned back', () => {
    let now = 1_000_000;
    const counters = new TrafficCounters(() => now);
    counters.count(put('s0', 3), { streamName: 'a' });
    now = 500_000;
    counters.count(put('s0', 2), { streamName: 'a' });

    expect(counters.rates().a?.recordsIn).toEqual(new Array(60).fill(0));
    now = 1_000_000;
    expect(counters.rates().a?.recordsIn).toEqual([...new Array(59).fill(0), 5]);
  });

  it('forget readers that read no more', () => {
    let now = 1_000_000;
    const counters = new TrafficCounters(() => now);
    const pushed = { streamName: 'a', shard: 's0', records: 1, bytes: 1, behindMs: 9 };
    counters.pushed({ ...pushed, consumerName: 'gone' });
    now += 299_000;
    counters.pushed({ ...pushed, consumerName: 'here' });
    expect(counters.shards('a')[0]?.readers.map(({ consumer }) => consumer)).toEqual(['gone', 'here']);
    now += 2_000;
    expect(counters.shards('a')[0]?.readers.map(({ consumer }) => consumer)).toEqual(['here']);
  });

  it('know no stream that a refused call has only named', () => {
    const counters = new TrafficCounters(() => 0);
    counters.count({ ...put('s0'), output: undefined, fault: 'ResourceNotFoundException' }, { streamName: 'nowhere' });

    expect(counters.shards('nowhere')).toEqual([]);
    expect(Object.keys(counters.rates())).toEqual([]);
    expect(counters.seconds()).toMatchObject([{ calls: 1 }]);
  });
});

describe('what a chart shows', () => {
  const second = (at: number) => ({ ...newSecond(at), recordsIn: 1 });

  it('is each second of the last five minutes, also those without traffic', () => {
    const { times, rows } = trafficRows({ source: 'process', period: 1, seconds: [second(998)] }, 1_000_500);

    expect([times.length, times[0], times.at(-1)]).toEqual([300, 700, 999]);
    expect(rows.map((row) => row?.recordsIn)).toEqual([...new Array(298).fill(undefined), 1, undefined]);
  });

  it('is each minute of the last hour that CloudWatch can know of', () => {
    const day = 86_400;
    const { times, rows } = trafficRows(
      { source: 'cloudwatch', period: 60, seconds: [second(day - 3_000), second(day - 600)] },
      (day + 59) * 1_000,
    );

    expect(times).toEqual(Array.from({ length: 60 }, (_, index) => day - 240 - (59 - index) * 60));
    expect(rows.flatMap((row, index) => (row === undefined ? [] : [times[index]]))).toEqual([day - 3_000, day - 600]);
    const fresh = trafficRows({ source: 'cloudwatch', period: 60, seconds: [second(day - 60)] }, (day + 59) * 1_000);
    expect(fresh.times.at(-1)).toBe(day - 60);
  });
});

/** Answers as CloudWatch does, in the protocol that the client speaks, and keeps what it was asked for. */
async function withCloudWatch(
  results: readonly { Id: string; Timestamps: number[]; Values: number[] }[],
  use: (client: CloudWatchClient, asked: { text: string; count: number }) => Promise<void>,
): Promise<void> {
  const asked = { text: '', count: 0 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      asked.text = Buffer.concat(chunks).toString('latin1');
      asked.count += 1;
      response.setHeader('Content-Type', 'application/x-amz-json-1.0');
      response.end(JSON.stringify({ MetricDataResults: results }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new CloudWatchClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  try {
    await use(client, asked);
  } finally {
    client.destroy();
    server.close();
  }
}

describe('the metrics of CloudWatch', () => {
  it('become minutes: sums are added, the longest latency counts', async () => {
    const results = [
      { Id: 'm0', Timestamps: [120, 60], Values: [7, 5] },
      { Id: 'm4', Timestamps: [60], Values: [1] },
      { Id: 'm5', Timestamps: [60], Values: [2] },
      { Id: 'm6', Timestamps: [60], Values: [30] },
      { Id: 'm7', Timestamps: [60], Values: [20] },
    ];
    await withCloudWatch(results, async (client, asked) => {
      const traffic = await cloudWatchTraffic(client, 'deployed', 'orders', 600_000);

      expect(traffic).toMatchObject({
        source: 'cloudwatch',
        period: 60,
        seconds: [
          { at: 60, recordsIn: 5, throttled: 3, maxLatencyMs: 30 },
          { at: 120, recordsIn: 7, throttled: 0 },
        ],
      });
      expect(asked.text).toMatch(/Rivulet.*orders/s);
    });
  });

  it('are looked at once a minute, however many screens ask', async () => {
    await withCloudWatch([{ Id: 'm0', Timestamps: [60], Values: [1] }], async (cloudWatch, asked) => {
      let now = 600_000;
      const endpoint = {
        kind: 'deployed',
        url: '',
        name: '',
        region: '',
        client: new KinesisClient({}),
        clock,
      } as const;
      const source = new TrafficSource(endpoint, cloudWatch, () => now);
      const looks = async (...streams: string[]) => {
        const before = asked.count;
        await Promise.all(streams.map((stream) => source.traffic(stream)));
        return asked.count - before;
      };

      expect(await looks('orders', 'orders', 'orders')).toBe(1);
      now += 59_000;
      expect(await looks('orders', 'clicks')).toBe(1);
      now += 1_000;
      expect(await looks('orders', 'clicks')).toBe(1);
    });
  });

  it.each([
    ['null', 'null'],
    ['seconds that are none', '{"seconds":[null],"shards":[]}'],
    ['shards that are none', '{"seconds":[],"shards":null}'],
    ['readers that are none', '{"seconds":[],"shards":[{"shard":"a"}]}'],
    ['no JSON', '<html>'],
  ])('are said to be none where another server on this machine answers with %s', async (_what, answer) => {
    const server = createServer((_request, response) => response.end(answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const endpoint = {
      kind: 'local',
      url,
      name: url,
      region: 'us-east-1',
      client: new KinesisClient({}),
      clock,
    } as const;
    const source = new TrafficSource(endpoint, undefined);

    expect(await source.traffic('orders')).toMatchObject({ source: 'none' });
    expect(await source.traffic(undefined)).toMatchObject({ source: 'none' });
    expect(await source.rates()).toEqual({ source: 'none', streams: {} });
    expect(await source.regions()).toEqual([]);
    server.close();
  });

  it('are said to be none where there are none', async () => {
    await withCloudWatch([], async (client, asked) => {
      const traffic = await cloudWatchTraffic(client, 'aws', 'orders');

      expect(traffic).toMatchObject({ source: 'none', note: expect.stringContaining('AWS/Kinesis') });
      expect(asked.text).toContain('AWS/Kinesis');
    });
  });
});
