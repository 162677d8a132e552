import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';

/**
 * One Lambda instance: a process in which the deployed handler handles one request after the other. The process
 * receives this task, and reports its latencies and CPU time.
 */
export interface InstanceTask {
  readonly streamName: string;
  readonly partitionKeyPrefix: string;
  readonly dataBytes: number;
  /** By the slowed clock of the process. */
  readonly forMs: number;
}

export interface InstanceResult {
  readonly latenciesMs: readonly number[];
  readonly failed: number;
  /** CPU time of the whole process during the run, ms. */
  readonly cpuMs: number;
}

/**
 * How many real seconds one second of this process lasts. All processes share the origin. Only `Date.now` is slowed.
 */
const SLOWNESS = Number(process.env.SLOWNESS ?? 1);
const ORIGIN_MS = Number(process.env.ORIGIN_MS ?? 0);
const ourNow = Date.now;
Date.now = () => Math.floor(ORIGIN_MS + (ourNow() - ORIGIN_MS) / SLOWNESS);

// Loaded only now, after the clock has been replaced.
const { handler } = await import('../functions/api.ts');

const HEADERS = {
  'content-type': 'application/x-amz-json-1.1',
  host: 'localhost',
  'x-amz-date': '20260101T000000Z',
  'x-amz-target': 'Kinesis_20131202.PutRecord',
  'x-forwarded-proto': 'https',
  authorization:
    'AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
};

function putEvent(body: string): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers: HEADERS,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'bench',
      domainName: 'localhost',
      domainPrefix: 'bench',
      http: { method: 'POST', path: '/', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date().toISOString(),
      timeEpoch: Date.now(),
    },
    body,
    isBase64Encoded: false,
  };
}

async function run({ streamName, partitionKeyPrefix, dataBytes, forMs }: InstanceTask): Promise<InstanceResult> {
  const Data = Buffer.alloc(dataBytes, 'x').toString('base64');
  const latenciesMs: number[] = [];
  let failed = 0;
  const cpu = process.cpuUsage();
  const endMs = performance.now() + forMs * SLOWNESS;
  for (let n = 0; performance.now() < endMs; n++) {
    const start = performance.now();
    const body = JSON.stringify({ StreamName: streamName, PartitionKey: `${partitionKeyPrefix}-${n}`, Data });
    const { statusCode } = await handler(putEvent(body), {} as Context);
    if (statusCode === 200) {
      latenciesMs.push((performance.now() - start) / SLOWNESS);
    } else {
      failed += 1;
    }
  }
  const { user, system } = process.cpuUsage(cpu);
  return { latenciesMs, failed, cpuMs: (user + system) / 1000 };
}

process.on('message', (task: InstanceTask) => {
  run(task).then((result) => process.send?.(result));
});
process.send?.('ready');
