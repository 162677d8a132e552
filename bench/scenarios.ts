import type { RawClient } from './raw-client.ts';
import { flightTexts } from './records.ts';

/** The result of one run of a scenario. */
export interface Measurement {
  /** Requests or records a second. */
  readonly perSecond: number;
  /** Latency of one request, ms. */
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** One kind of traffic. */
export interface Scenario {
  readonly name: string;
  /** What `perSecond` counts. */
  readonly unit: 'requests' | 'records';
  /** Whether it needs a server that stores records. */
  readonly readsRecords?: true;
  /** Prepares the stream, and then measures. @param forMs how long to measure, ms; the drain ignores it */
  run(client: RawClient, stream: string, forMs: number): Promise<Measurement>;
}

const SMALL = Buffer.alloc(200, 'x').toString('base64');
const WARM_UP_MS = 400;
const DRAINED_RECORDS = 20_000;

const key = (n: number): string => `key-${n}`;

/** Calls as often as possible, with `concurrency` calls at the same time. */
async function load(
  concurrency: number,
  forMs: number,
  recordsPerCall: number,
  call: (n: number) => Promise<unknown>,
): Promise<Measurement> {
  let n = 0;
  const lane = async (endMs: number, latencies: number[] | undefined) => {
    while (performance.now() < endMs) {
      const start = performance.now();
      n += 1;
      await call(n);
      latencies?.push(performance.now() - start);
    }
  };
  const lanes = (endMs: number, latencies?: number[]) =>
    Promise.all(Array.from({ length: concurrency }, () => lane(endMs, latencies)));
  await lanes(performance.now() + WARM_UP_MS);
  const latencies: number[] = [];
  const start = performance.now();
  await lanes(start + forMs, latencies);
  return measured(latencies, (latencies.length * recordsPerCall * 1000) / (performance.now() - start));
}

function measured(latencies: number[], perSecond: number): Measurement {
  const sorted = latencies.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { perSecond, medianMs: at(0.5), p99Ms: at(0.99) };
}

const putRecord = (concurrency: number): Scenario => ({
  name: `PutRecord 200 B, ${concurrency} at once`,
  unit: 'requests',
  run: (client, StreamName, forMs) =>
    load(concurrency, forMs, 1, (n) =>
      client.call('PutRecord', JSON.stringify({ StreamName, PartitionKey: key(n), Data: SMALL })),
    ),
});

function putRecords(count: number, what: string, dataOf: () => Promise<readonly string[]>): Scenario {
  return {
    name: `PutRecords ${count} x ${what}, 4 at once`,
    unit: 'records',
    async run(client, StreamName, forMs) {
      const Records = (await dataOf()).map((Data, n) => ({ PartitionKey: key(n), Data }));
      const body = JSON.stringify({ StreamName, Records });
      return load(4, forMs, count, () => client.call('PutRecords', body));
    },
  };
}

async function iterators(client: RawClient, StreamName: string, ShardIteratorType: string): Promise<string[]> {
  const { Shards } = await client.json('ListShards', { StreamName });
  return Promise.all(
    Shards.map(async ({ ShardId }: { ShardId: string }) => {
      const answer = await client.json('GetShardIterator', { StreamName, ShardId, ShardIteratorType });
      return answer.ShardIterator;
    }),
  );
}

const drain: Scenario = {
  readsRecords: true,
  name: `GetRecords, drain of ${DRAINED_RECORDS} x 200 B`,
  unit: 'records',
  async run(client, StreamName) {
    for (let put = 0; put < DRAINED_RECORDS; put += 500) {
      const Records = Array.from({ length: 500 }, (_, n) => ({ PartitionKey: key(put + n), Data: SMALL }));
      await client.call('PutRecords', JSON.stringify({ StreamName, Records }));
    }
    const places = await iterators(client, StreamName, 'TRIM_HORIZON');
    const latencies: number[] = [];
    let records = 0;
    const start = performance.now();
    await Promise.all(
      places.map(async (place) => {
        for (let ShardIterator: string | undefined = place; ShardIterator !== undefined; ) {
          const begun = performance.now();
          const page = await client.call('GetRecords', JSON.stringify({ ShardIterator, Limit: 10_000 }));
          latencies.push(performance.now() - begun);
          // The client does as little work as possible, because its work must not be measured.
          const read = page.split('"SequenceNumber"').length - 1;
          records += read;
          ShardIterator = read === 0 ? undefined : /"NextShardIterator":"([^"]+)"/.exec(page)?.[1];
        }
      }),
    );
    if (records < DRAINED_RECORDS) {
      throw new Error(`only ${records} of ${DRAINED_RECORDS} records came back`);
    }
    return measured(latencies, (records * 1000) / (performance.now() - start));
  },
};

const emptyPoll: Scenario = {
  name: 'GetRecords, empty poll',
  unit: 'requests',
  async run(client, stream, forMs) {
    const [place] = await iterators(client, stream, 'LATEST');
    return load(1, forMs, 1, () => client.call('GetRecords', JSON.stringify({ ShardIterator: place })));
  },
};

export const scenarios: readonly Scenario[] = [
  putRecord(1),
  putRecord(32),
  putRecords(100, '200 B', async () => new Array(100).fill(SMALL)),
  putRecords(500, '200 B', async () => new Array(500).fill(SMALL)),
  putRecords(500, '1 KB JSON', () => flightTexts(500)),
  drain,
  emptyPoll,
];
