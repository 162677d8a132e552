import { setTimeout as sleep } from 'node:timers/promises';
import { KinesisClient, SubscribeToShardCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Capacity } from '../demo/capacity.ts';
import { startServer } from '../local/server.ts';
import { RawClient } from './raw-client.ts';

/**
 * `npm run bench:push`: measures the time from the request of a put until a subscriber receives the record. Records
 * are put through the process that pushes, and through another process. It also measures what an idle subscription
 * costs.
 */
const RECORDS = 200;
const PAUSE_MS = 60;
const IDLE_MS = 20_000;
const STREAM_ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/pushed';

const capacity = new Capacity();
const pushing = await startServer({ port: 0, host: '127.0.0.1', meter: capacity.meter });
const other = await startServer({ port: 0, host: '127.0.0.1', store: pushing.store });
const client = new RawClient(pushing.endpoint, 4);
const otherClient = new RawClient(other.endpoint, 4);

async function subscribed(): Promise<KinesisClient> {
  await client.json('CreateStream', { StreamName: 'pushed', ShardCount: 1 });
  await sleep(1_000);
  const { Consumer } = await client.json('RegisterStreamConsumer', { StreamARN: STREAM_ARN, ConsumerName: 'bench' });
  await sleep(1_000);
  const kinesis = new KinesisClient({
    endpoint: pushing.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    requestHandler: new NodeHttpHandler(),
  });
  const { EventStream } = await kinesis.send(
    new SubscribeToShardCommand({
      ConsumerARN: Consumer.ConsumerARN,
      ShardId: 'shardId-000000000000',
      StartingPosition: { Type: 'LATEST' },
    }),
  );
  void (async () => {
    for await (const event of EventStream ?? []) {
      for (const { Data } of event.SubscribeToShardEvent?.Records ?? []) {
        received.get(Buffer.from(Data ?? []).toString())?.();
      }
    }
  })().catch(() => {});
  return kinesis;
}

const received = new Map<string, () => void>();

/** Puts one record after the other. @returns the times until the subscriber received them, sorted, ms */
async function latencies(through: RawClient, name: string): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < RECORDS; n++) {
    const text = `${name} ${n}`;
    const arrived = new Promise<void>((resolve) => received.set(text, resolve));
    const start = performance.now();
    const put = { StreamName: 'pushed', PartitionKey: 'a', Data: Buffer.from(text).toString('base64') };
    await through.json('PutRecord', put);
    await arrived;
    times.push(performance.now() - start);
    received.delete(text);
    await sleep(PAUSE_MS * (0.5 + Math.random()));
  }
  return times.sort((a, b) => a - b);
}

const row = (name: string, times: readonly number[]) =>
  console.log(
    `| ${name} | ${times[Math.floor(times.length / 2)]?.toFixed(1)} | ${times[Math.floor(times.length * 0.99)]?.toFixed(1)} |`,
  );

const kinesis = await subscribed();
console.log('| put through | ms, median | ms, p99 |\n|---|---|---|');
row('the process that pushes', await latencies(client, 'same'));
row('another process', await latencies(otherClient, 'other'));
await sleep(2_000);
capacity.take();
await sleep(IDLE_MS);
const { calls, readUnits } = capacity.take();
const aMinute = 60_000 / IDLE_MS;
console.log(`\nan idle subscription: ${calls * aMinute} calls and ${readUnits * aMinute} read units a minute`);
kinesis.destroy();
client.close();
otherClient.close();
await other.close();
await pushing.close();
