import {
  CreateStreamCommand,
  DeleteStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import type { Capacity } from './capacity.ts';
import type { FlightRecord } from './flight-records.ts';

/** How many requests are in flight at the same time: as many as there are shards. */
const PRODUCERS = 4;
const SHARDS = 4;
const RECORDS_PER_PUT = 500;
/** How often one batch is tried. Failed records are sent again, as Kinesis requires of producers. */
const MAX_TRIES = 10;

export interface FlightReport {
  readonly recordsInPerSecond: number;
  readonly recordsOutPerSecond: number;
  readonly recordsPerShard: Readonly<Record<string, number>>;
  readonly put: ReturnType<Capacity['take']>;
  readonly read: ReturnType<Capacity['take']>;
}

/**
 * Puts flights into a new stream with an unmodified SDK client and its default HTTP/2 handler. Then it reads every
 * shard from TRIM_HORIZON, and checks that each record arrived byte-equal, once, and in order per partition key.
 * @throws Error if a record is missing, altered, duplicated or out of order
 */
export async function runFlights(
  endpoint: string,
  flights: readonly FlightRecord[],
  capacity: Capacity,
  progress: (line: string) => void,
): Promise<FlightReport> {
  const client = new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' },
  });
  const StreamName = `flights-${Date.now()}`;
  try {
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: SHARDS }));
    await waitUntilStreamExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StreamName });
    capacity.take();
    const inSeconds = await timed(() => putAll(client, StreamName, flights, progress));
    const put = capacity.take();
    const read = new Map<string, Uint8Array[]>();
    const perShard: Record<string, number> = {};
    const outSeconds = await timed(() => readAll(client, StreamName, read, perShard, flights.length, progress));
    const readUnits = capacity.take();
    checkFlights(flights, read);
    await client.send(new DeleteStreamCommand({ StreamName }));
    return {
      recordsInPerSecond: Math.round(flights.length / inSeconds),
      recordsOutPerSecond: Math.round(flights.length / outSeconds),
      recordsPerShard: perShard,
      put,
      read: readUnits,
    };
  } finally {
    client.destroy();
  }
}

async function timed(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

/**
 * Runs several producers, each with one request in flight. Order is kept per partition key: one producer puts all
 * flights of an airport, one request after the other.
 */
async function putAll(
  client: KinesisClient,
  StreamName: string,
  flights: readonly FlightRecord[],
  progress: (line: string) => void,
): Promise<void> {
  const lanes = Array.from({ length: PRODUCERS }, (): FlightRecord[] => []);
  const laneOf = new Map<string, number>();
  for (const flight of flights) {
    const lane = laneOf.get(flight.partitionKey) ?? laneOf.size % PRODUCERS;
    laneOf.set(flight.partitionKey, lane);
    lanes[lane]?.push(flight);
  }
  let done = 0;
  await Promise.all(
    lanes.map(async (lane) => {
      for (let from = 0; from < lane.length; from += RECORDS_PER_PUT) {
        const some = lane.slice(from, from + RECORDS_PER_PUT);
        await putBatch(client, StreamName, some);
        done += some.length;
        progress(`put  ${done} of ${flights.length} records`);
      }
    }),
  );
}

async function putBatch(client: KinesisClient, StreamName: string, flights: readonly FlightRecord[]): Promise<void> {
  let rest = flights;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const Records = rest.map(({ partitionKey, data }) => ({ PartitionKey: partitionKey, Data: data }));
    const { Records: results = [] } = await client.send(new PutRecordsCommand({ StreamName, Records }));
    rest = rest.filter((_, index) => results[index]?.ErrorCode !== undefined);
    if (rest.length === 0) {
      return;
    }
  }
  throw new Error(`${rest.length} records were refused ${MAX_TRIES} times`);
}

async function readAll(
  client: KinesisClient,
  StreamName: string,
  read: Map<string, Uint8Array[]>,
  perShard: Record<string, number>,
  expected: number,
  progress: (line: string) => void,
): Promise<void> {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  let count = 0;
  for (const { ShardId = '' } of Shards) {
    let { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    perShard[ShardId] = 0;
    for (let behind = true; behind && ShardIterator !== undefined; ) {
      const page = await client.send(new GetRecordsCommand({ ShardIterator }));
      for (const { PartitionKey = '', Data = new Uint8Array() } of page.Records ?? []) {
        const flightsOfKey = read.get(PartitionKey) ?? [];
        flightsOfKey.push(Data);
        read.set(PartitionKey, flightsOfKey);
      }
      const records = page.Records?.length ?? 0;
      perShard[ShardId] += records;
      count += records;
      progress(`read ${count} of ${expected} records`);
      behind = records > 0 || (page.MillisBehindLatest ?? 0) > 0;
      ShardIterator = page.NextShardIterator;
    }
  }
}

/** Checks that every flight was read once and unaltered, and for each airport in the order of the puts. */
function checkFlights(flights: readonly FlightRecord[], read: ReadonlyMap<string, readonly Uint8Array[]>): void {
  const seen = new Map<string, number>();
  for (const { partitionKey, data } of flights) {
    const index = seen.get(partitionKey) ?? 0;
    const found = read.get(partitionKey)?.[index];
    if (found === undefined || !Buffer.from(found).equals(data)) {
      throw new Error(`record ${index} of partition key ${partitionKey} is missing, altered or out of order`);
    }
    seen.set(partitionKey, index + 1);
  }
  for (const [partitionKey, found] of read) {
    if (found.length !== seen.get(partitionKey)) {
      throw new Error(`partition key ${partitionKey} has ${found.length} records instead of ${seen.get(partitionKey)}`);
    }
  }
}
