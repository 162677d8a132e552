import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The units a second that DynamoDB allows for one partition key.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
const PARTITION_LIMITS = { write: 1_000, read: 3_000 };

/** Latency of a call: log-normal around the median, but one call in a hundred takes several times as long. */
const MEDIAN_MS = 4;
const SPREAD = 0.3;
const TAIL_SHARE = 0.01;
const TAIL_MS = 40;

const KIB = 1024;

/** DynamoDB calls as the model saw them. */
export interface ModelUsage {
  calls: number;
  writeUnits: number;
  readUnits: number;
  /** Conditional writes that failed. DynamoDB bills them too. */
  refused: number;
  throttled: number;
}

/** The units that remain for one partition key. */
interface Bucket {
  write: number;
  read: number;
  atMs: number;
}

/**
 * A proxy in front of a DynamoDB-compatible engine. It is as slow as DynamoDB, and throttles the calls that a
 * partition of DynamoDB would throttle. Its time passes more slowly than real time, so that one machine can simulate
 * many.
 */
export class DynamoDbModel {
  usage: ModelUsage = noUsage();
  readonly #engine: URL;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #buckets = new Map<string, Bucket>();
  readonly #server = http.createServer((request, response) => {
    this.#answer(request, response).catch(() => request.socket.destroy());
  });

  readonly #slowness: number;

  private constructor(engine: string, slowness: number) {
    this.#engine = new URL(engine);
    this.#slowness = slowness;
  }

  /** @param slowness how many real seconds one second of the model lasts */
  static async start(engine: string, slowness: number): Promise<DynamoDbModel> {
    const model = new DynamoDbModel(engine, slowness);
    await new Promise<void>((resolve) => model.#server.listen(0, '127.0.0.1', () => resolve()));
    return model;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Returns the usage since the last call of this method, and resets it. */
  take(): ModelUsage {
    const { usage } = this;
    this.usage = noUsage();
    return usage;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#agent.destroy();
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const latencyMs = drawLatency() * this.#slowness;
    const body = await wholeBody(request);
    const action = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const input = JSON.parse(body.toString());
    const isWrite = !(action === 'Query' || action === 'GetItem' || action === 'Scan');
    const bucket = this.#bucket(`${input.TableName} ${partitionOf(input)}`);
    this.usage.calls += 1;
    if ((isWrite ? bucket.write : bucket.read) <= 0) {
      this.usage.throttled += 1;
      await sleep(latencyMs / 2);
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(THROTTLED);
      return;
    }
    const writeUnits = isWrite ? Math.ceil(itemBytes(action, body) / KIB) : 0;
    bucket.write -= writeUnits;
    await sleep(latencyMs / 2);
    const answer = await this.#forward(request, body);
    // A consistent read of 4 KB costs one unit, an eventually consistent read half of that. The item in the response
    // of a failed write is not a read.
    const readUnits = isWrite
      ? 0
      : Math.max(1, Math.ceil(answer.body.length / (4 * KIB))) / (input.ConsistentRead ? 1 : 2);
    bucket.read -= readUnits;
    this.usage.writeUnits += writeUnits;
    this.usage.readUnits += readUnits;
    this.usage.refused += isWrite && answer.status === 400 ? 1 : 0;
    await sleep(latencyMs / 2);
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  #bucket(name: string): Bucket {
    const nowMs = performance.now();
    const bucket = this.#buckets.get(name) ?? { ...PARTITION_LIMITS, atMs: nowMs };
    const seconds = (nowMs - bucket.atMs) / 1000 / this.#slowness;
    bucket.write = Math.min(PARTITION_LIMITS.write, bucket.write + seconds * PARTITION_LIMITS.write);
    bucket.read = Math.min(PARTITION_LIMITS.read, bucket.read + seconds * PARTITION_LIMITS.read);
    bucket.atMs = nowMs;
    this.#buckets.set(name, bucket);
    return bucket;
  }

  #forward(request: http.IncomingMessage, body: Buffer): Promise<Answer> {
    const { host: _host, connection: _connection, ...headers } = request.headers;
    return new Promise((resolve, reject) => {
      const forwarded = http.request(this.#engine, { method: 'POST', agent: this.#agent, headers }, (answer) => {
        wholeBody(answer).then(
          (whole) => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: whole }),
          reject,
        );
      });
      forwarded.on('error', reject);
      forwarded.end(body);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

const THROTTLED = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for one or more partitions was exceeded.',
});

const noUsage = (): ModelUsage => ({ calls: 0, writeUnits: 0, readUnits: 0, refused: 0, throttled: 0 });

/** Returns a random latency: log-normal around the median, with a few much longer ones. */
function drawLatency(): number {
  if (Math.random() < TAIL_SHARE) {
    return TAIL_MS * (0.5 + Math.random());
  }
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return MEDIAN_MS * Math.exp(SPREAD * normal);
}

// biome-ignore lint/suspicious/noExplicitAny: every action has members of its own
function partitionOf(input: any): string {
  return (input.Item ?? input.Key)?.pk?.S ?? input.ExpressionAttributeValues?.[':pk']?.S ?? '';
}

/**
 * Estimates the size of an item. In JSON, numbers and names are longer than DynamoDB counts them, and blobs are
 * longer by a third. An update uses one unit.
 */
const itemBytes = (action: string, body: Buffer): number => (action === 'PutItem' ? (body.length * 3) / 4 - 300 : 1);

async function wholeBody(stream: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
