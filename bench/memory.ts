import { cpus } from 'node:os';
import { VCPU_MIB } from '../cost/figures.ts';
import prices from '../cost/prices.json' with { type: 'json' };
import { startServer } from '../local/server.ts';
import { availableEngines, startEngine } from '../test/support/dynamodb-engines.ts';
import { createOneShard, HandlerProcess } from './handler-process.ts';

/**
 * `npm run bench:memory`: measures the processor time of warm requests through the deployed handler, and computes from it how long
 * they take and what a million costs with some sizes of memory. Lambda's processor share is memory / 1,769 MiB of one vCPU.
 */
const MEMORIES_MIB = [256, 512, 1_024, 1_769] as const;

/** About 5 ms for each DynamoDB call: a put makes two, a read at the tip one. Assumed. */
const WAITING_MS = { PutRecord: 10, PutRecords: 10, GetRecords: 5 } as const;

const REQUESTS_PER_MILLION = prices.lambda.perMillionRequests;
const FOR_MS = 6_000;

const engine = await startEngine(availableEngines()[0] ?? 'dynalite', undefined);
const rivulet = await startServer({
  port: 0,
  host: '127.0.0.1',
  environment: { DYNAMODB_ENDPOINT: engine.endpoint, LOG: 'off' },
});
const instance = await HandlerProcess.start({
  ...process.env,
  ...rivulet.environment,
  AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  OBSERVE: 'faults',
  THROTTLING: 'off',
});
console.log(`${cpus()[0]?.model}, Node ${process.version}, warm requests one after the other\n`);
console.log(
  `| request | CPU ms | ${MEMORIES_MIB.map((mib) => `${mib} MiB: ms, $ a million`).join(' | ')} |\n|${'---|'.repeat(MEMORIES_MIB.length + 2)}`,
);
for (const [operation, records] of [
  ['PutRecord', 1],
  ['PutRecords', 100],
  ['GetRecords', 0],
] as const) {
  // Each stream is read at its tip.
  const streamName = `memory-${operation}`;
  await createOneShard(rivulet, streamName);
  const task = { operation, streamName, records, recordBytes: 200, everyMs: 0 };
  await instance.run({ ...task, forMs: FOR_MS });
  const { latenciesMs, cpuMs, refused } = await instance.run({ ...task, forMs: FOR_MS });
  if (refused > 0) {
    throw new Error(`${refused} records or requests were refused: the figures would say nothing`);
  }
  const cpu = cpuMs / latenciesMs.length;
  const cells = MEMORIES_MIB.map((mib) => {
    const ms = WAITING_MS[operation] + (cpu * VCPU_MIB) / Math.min(mib, VCPU_MIB);
    const usd = REQUESTS_PER_MILLION + ms * 1_000 * (mib / 1_024) * prices.lambda.perGbSecond;
    return `${ms.toFixed(1)}, $${usd.toFixed(2)}`;
  });
  console.log(`| ${operation}${records > 1 ? ` of ${records}` : ''} | ${cpu.toFixed(2)} | ${cells.join(' | ')} |`);
}
instance.end();
await rivulet.close();
await engine.close();
