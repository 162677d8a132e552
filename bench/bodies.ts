import { setTimeout as sleep } from 'node:timers/promises';
import { bodyThreshold } from '../cost/threshold.ts';
import { startServer } from '../local/server.ts';
import { availableEngines, startEngine } from '../test/support/dynamodb-engines.ts';
import { S3_KEY, S3Server } from '../test/support/s3-server.ts';
import { DynamoDbModel } from './dynamodb-model.ts';
import { at, createOneShard, HandlerProcess } from './handler-process.ts';

/**
 * `npm run bench:bodies`: one shard takes 1 MiB a second of data that cannot be compressed, through the deployed handler, in
 * real time. The engine is as slow as DynamoDB, and throttles as one partition of it does. The bucket is a real S3-compatible
 * server that answers as late as S3 and S3 Express do, by assumption.
 */
const SECONDS = 10;
const LATENCIES_MS = { s3: 35, 's3-express': 6 } as const;

const engine = await startEngine(availableEngines()[0] ?? 'dynalite', undefined);
const rivulet = await startServer({
  port: 0,
  host: '127.0.0.1',
  environment: { DYNAMODB_ENDPOINT: engine.endpoint, LOG: 'off' },
});
const model = await DynamoDbModel.start(engine.endpoint, 1);
const s3 = await S3Server.start();
console.log(
  '| bodies | KiB/s put | records refused | ms a put, median | p99 | WCU a MiB | DynamoDB calls throttled | objects |',
);
console.log(`|${'---|'.repeat(8)}`);
for (const place of ['dynamodb', 's3', 's3-express'] as const) {
  const StreamName = `bodies-${place}`;
  await createOneShard(rivulet, StreamName);
  s3.plan = () => (place === 'dynamodb' ? undefined : { afterMs: LATENCIES_MS[place] });
  const instance = await HandlerProcess.start({
    ...process.env,
    ...rivulet.environment,
    AWS_ENDPOINT_URL_DYNAMODB: model.endpoint,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ACCESS_KEY_ID: S3_KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3_KEY.secretAccessKey,
    // The limits of a shard are not the subject: the puts are as much as they allow.
    THROTTLING: 'off',
    ...(place !== 'dynamodb' && { BODIES_BUCKET: 'bodies', BODIES_ABOVE: String(bodyThreshold(place)) }),
  });
  const puts = { operation: 'PutRecords', streamName: StreamName, records: 10, recordBytes: 10_486 } as const;
  await instance.run({ ...puts, everyMs: 100, forMs: 1_000 });
  await sleep(1_000);
  model.take();
  const objects = s3.keys.length;
  const { latenciesMs, records, refused } = await instance.run({ ...puts, everyMs: 100, forMs: SECONDS * 1_000 });
  const usage = model.take();
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  const kib = (records * puts.recordBytes) / 1_024;
  const cells = [
    place,
    (kib / SECONDS).toFixed(0),
    refused,
    at(sorted, 0.5).toFixed(0),
    at(sorted, 0.99).toFixed(0),
    (usage.writeUnits / (kib / 1_024)).toFixed(0),
    usage.throttled,
    s3.keys.length - objects,
  ];
  console.log(`| ${cells.join(' | ')} |`);
  instance.end();
}
model.close();
await s3.close();
await rivulet.close();
await engine.close();
