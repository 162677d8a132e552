import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type LocalServer, startServer } from '../local/server.ts';
import { availableEngines, startEngine } from '../test/support/dynamodb-engines.ts';
import { DynamoDbModel, type ModelUsage } from './dynamodb-model.ts';
import type { InstanceResult, InstanceTask } from './instance.ts';
import { RawClient } from './raw-client.ts';

/**
 * `npm run bench:deployed`: runs the handler as Lambda does: N processes, each with one request at a time. The engine
 * is as slow as DynamoDB, and throttles as much. One run uses guessed positions, one uses reserved positions
 * (docs/glossary.md). Few machines can run 64 processes side by side. So the model of DynamoDB and the processes'
 * `Date.now` are `--slowness` times slower than real time. Printed rates and latencies are converted back.
 */
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '1' }, slowness: { type: 'string', default: '12' } },
});
const slowness = Number(values.slowness);
const forMs = Number(values.seconds) * 1_000;
const DATA_BYTES = 200;
const WARM_UP_MS = 300;
/** When the slowed clock started, epoch ms. */
const ORIGIN_MS = Date.now();

/** First more and more writers on one shard, then eight writers for each of several shards. */
const SETTINGS = [
  { writers: 1, shards: 1 },
  { writers: 4, shards: 1 },
  { writers: 16, shards: 1 },
  { writers: 64, shards: 1 },
  { writers: 16, shards: 2 },
  { writers: 32, shards: 4 },
  { writers: 64, shards: 8 },
];

interface Run {
  readonly results: readonly InstanceResult[];
  readonly usage: ModelUsage;
}

class Instances {
  readonly #children: ChildProcess[] = [];
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  async grow(count: number): Promise<void> {
    while (this.#children.length < count) {
      const child = fork(path.join(import.meta.dirname, 'instance.ts'), { env: this.#environment });
      this.#children.push(child);
      await once(child, 'message');
    }
  }

  run(count: number, streamName: string, ms: number): Promise<InstanceResult[]> {
    return Promise.all(
      this.#children.slice(0, count).map(async (child, i) => {
        const task: InstanceTask = { streamName, partitionKeyPrefix: `w${i}`, dataBytes: DATA_BYTES, forMs: ms };
        child.send(task);
        const [result] = await once(child, 'message');
        return result;
      }),
    );
  }

  end(): void {
    for (const child of this.#children) {
      child.kill();
    }
  }
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

function row(guessing: string, { writers, shards }: (typeof SETTINGS)[number], { results, usage }: Run): string {
  const latencies = results.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const puts = latencies.length;
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  const cpuMs = results.reduce((sum, result) => sum + result.cpuMs, 0);
  const cells = [
    guessing,
    writers,
    shards,
    Math.round((puts * 1000) / forMs),
    at(latencies, 0.5).toFixed(1),
    at(latencies, 0.99).toFixed(1),
    (usage.calls / puts).toFixed(2),
    (usage.writeUnits / puts).toFixed(2),
    (usage.readUnits / puts).toFixed(2),
    `${((100 * usage.refused) / puts).toFixed(1)} %`,
    usage.throttled,
    failed,
    (cpuMs / (puts + failed)).toFixed(2),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function createStream(client: RawClient, StreamName: string, ShardCount: number): Promise<void> {
  await client.json('CreateStream', { StreamName, ShardCount });
  const status = async () =>
    (await client.json('DescribeStreamSummary', { StreamName })).StreamDescriptionSummary.StreamStatus;
  while ((await status()) !== 'ACTIVE') {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function measure(rivulet: LocalServer, model: DynamoDbModel, GUESSING: 'on' | 'off'): Promise<void> {
  const environment = {
    ...process.env,
    ...rivulet.environment,
    AWS_ENDPOINT_URL_DYNAMODB: model.endpoint,
    GUESSING,
    SLOWNESS: String(slowness),
    ORIGIN_MS: String(ORIGIN_MS),
  };
  const instances = new Instances(environment);
  const client = new RawClient(rivulet.endpoint, 1);
  try {
    for (const setting of SETTINGS) {
      const stream = `bench-${GUESSING}-${setting.writers}-${setting.shards}`;
      await createStream(client, stream, setting.shards);
      await instances.grow(setting.writers);
      await instances.run(setting.writers, stream, WARM_UP_MS);
      model.take();
      const results = await instances.run(setting.writers, stream, forMs);
      console.log(row(GUESSING === 'on' ? 'guessed' : 'reserved', setting, { results, usage: model.take() }));
    }
  } finally {
    client.close();
    instances.end();
  }
}

const [name] = availableEngines();
const engine = await startEngine(name ?? 'dynalite', undefined);
const rivulet = await startServer({
  port: 0,
  host: '127.0.0.1',
  environment: { DYNAMODB_ENDPOINT: engine.endpoint },
});
const model = await DynamoDbModel.start(engine.endpoint, slowness);
try {
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, PutRecord of ${DATA_BYTES} bytes, slowed ${slowness} times\n`,
  );
  console.log(
    '| positions | writers | shards | puts/s | ms, median | ms, p99 | calls a put | WCU a put | RCU a put | refused puts | throttled calls | failed | CPU ms a put |',
  );
  console.log(`|${'---|'.repeat(13)}`);
  await measure(rivulet, model, 'on');
  await measure(rivulet, model, 'off');
} finally {
  model.close();
  await rivulet.close();
  await engine.close();
}
