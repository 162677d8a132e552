import type { Context } from 'aws-lambda';
import { gatewayEvent } from './gateway-event.ts';

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

async function run({ streamName, partitionKeyPrefix, dataBytes, forMs }: InstanceTask): Promise<InstanceResult> {
  const Data = Buffer.alloc(dataBytes, 'x').toString('base64');
  const latenciesMs: number[] = [];
  let failed = 0;
  const cpu = process.cpuUsage();
  const endMs = performance.now() + forMs * SLOWNESS;
  for (let n = 0; performance.now() < endMs; n++) {
    const start = performance.now();
    const body = JSON.stringify({ StreamName: streamName, PartitionKey: `${partitionKeyPrefix}-${n}`, Data });
    const { statusCode } = await handler(gatewayEvent('PutRecord', body), {} as Context);
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
