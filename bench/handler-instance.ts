import { randomBytes, randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { gatewayEvent } from './gateway-event.ts';

/**
 * One Lambda instance: a process in which the deployed handler handles one request after the other, in real time. The
 * process receives this task, and reports what the requests took.
 */
export interface HandlerTask {
  readonly operation: 'PutRecord' | 'PutRecords' | 'GetRecords';
  readonly streamName: string;
  /** Records of one put. */
  readonly records: number;
  /** Bytes of a record, which cannot be compressed. */
  readonly recordBytes: number;
  /** One request begins in each of these times, ms. 0: one after the other. */
  readonly everyMs: number;
  readonly forMs: number;
}

export interface HandlerResult {
  readonly latenciesMs: readonly number[];
  /** Records that were put or read. */
  readonly records: number;
  /** Records that were throttled, and requests that failed. */
  readonly refused: number;
  /** CPU time of the whole process during the run, ms. */
  readonly cpuMs: number;
}

const { handler } = await import('../functions/api.ts');

async function call(operation: string, input: object): Promise<{ status: number; body: Record<string, never> }> {
  const { statusCode = 500, body } = await handler(gatewayEvent(operation, JSON.stringify(input)), {} as Context);
  return { status: statusCode, body: JSON.parse(String(body)) };
}

interface Answered {
  readonly records: number;
  readonly refused: number;
  /** Where the next read continues. */
  readonly next?: string | undefined;
}

async function request(task: HandlerTask, iterator: string | undefined): Promise<Answered> {
  const { streamName: StreamName, operation } = task;
  if (operation === 'GetRecords') {
    const { status, body } = await call(operation, { ShardIterator: iterator });
    const { Records = [], NextShardIterator } = body as { Records?: unknown[]; NextShardIterator?: string };
    return { records: Records.length, refused: status === 200 ? 0 : 1, next: NextShardIterator };
  }
  const record = (n: number) => ({
    PartitionKey: `${n}-${randomUUID()}`,
    Data: randomBytes(task.recordBytes).toString('base64'),
  });
  if (operation === 'PutRecord') {
    const { status } = await call(operation, { StreamName, ...record(0) });
    return status === 200 ? { records: 1, refused: 0 } : { records: 0, refused: 1 };
  }
  const { status, body } = await call(operation, {
    StreamName,
    Records: Array.from({ length: task.records }, (_, n) => record(n)),
  });
  const failed = status === 200 ? ((body as { FailedRecordCount?: number }).FailedRecordCount ?? 0) : task.records;
  return { records: task.records - failed, refused: failed };
}

async function run(task: HandlerTask): Promise<HandlerResult> {
  const latenciesMs: number[] = [];
  let [records, refused] = [0, 0];
  const start = { StreamName: task.streamName, ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' };
  const first = async () => (await call('GetShardIterator', start)).body as { ShardIterator?: string };
  let iterator = task.operation === 'GetRecords' ? (await first()).ShardIterator : undefined;
  const cpu = process.cpuUsage();
  const beginMs = performance.now();
  for (let n = 0; performance.now() < beginMs + task.forMs; n++) {
    const dueMs = beginMs + n * task.everyMs;
    if (task.everyMs > 0 && performance.now() < dueMs) {
      await new Promise((resolve) => setTimeout(resolve, dueMs - performance.now()));
    }
    const sentMs = performance.now();
    const answered = await request(task, iterator);
    latenciesMs.push(performance.now() - sentMs);
    records += answered.records;
    refused += answered.refused;
    iterator = answered.next ?? iterator;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { latenciesMs, records, refused, cpuMs: (user + system) / 1_000 };
}

process.on('message', (task: HandlerTask) => {
  run(task).then((result) => process.send?.(result));
});
process.send?.('ready');
