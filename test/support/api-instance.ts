import { readConfiguration } from '../../lib/configuration.ts';
import { createDeps } from '../../lib/create-deps.ts';
import type { Deps } from '../../lib/deps.ts';
import type { KinesisFault } from '../../lib/faults.ts';
import type { Shard } from '../../lib/model/shard.ts';
import type { Stream } from '../../lib/model/stream.ts';
import { getRecords } from '../../lib/operations/records/get-records.ts';
import { getShardIterator } from '../../lib/operations/records/get-shard-iterator.ts';
import { putRecord } from '../../lib/operations/records/put-record.ts';
import { createStream } from '../../lib/operations/streams/create-stream.ts';
import { listShards } from '../../lib/store/shard-item.ts';
import { getStream } from '../../lib/store/stream-item.ts';
import type { Tables } from '../../lib/store/tables.ts';
import { advance } from '../../lib/workflows/advance.ts';
import type { LifecycleTask } from '../../lib/workflows/task.ts';
import { openTestTables } from './engines.ts';
import { type FaultPlan, faultyTables } from './faulty-tables.ts';
import type { TestClock } from './test-clock.ts';

/** The result of one read of a shard, in short. */
export interface ReadAnswer {
  readonly texts: string[];
  readonly next: string | undefined;
  readonly children: string[];
}

/**
 * One process of the service without its front door. Tests call operations as the dispatcher does. The executions that
 * operations start are carried out only when the test calls `finish` or `carryOut`.
 */
export class ApiInstance {
  readonly deps: Deps;
  /** Executions that were started and not carried out yet. */
  readonly executions: LifecycleTask[] = [];
  readonly logged: string[] = [];

  /** @param plan what goes wrong with the calls of this process */
  constructor(endpoint: string, clock: TestClock, plan?: FaultPlan, environment: Record<string, string> = {}) {
    const configuration = readConfiguration({
      ACCOUNT_ID: '000000000000',
      AWS_REGION: 'us-east-1',
      STREAMS_TABLE: 'contract-streams',
      RECORDS_TABLE: 'contract-records',
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      THROTTLING: 'off',
      ...environment,
    });
    this.deps = createDeps(configuration, {
      tables: plan === undefined ? openTestTables(endpoint) : faultyTables(endpoint, plan),
      workflows: {
        start: async ({ name, id }, run) => {
          const notBefore = new Date(run.notBeforeMs).toISOString();
          this.executions.push({ streamName: name, streamId: id, runId: run.id, notBefore });
        },
      },
      log: { error: (message, cause) => this.logged.push(`${message}: ${cause}`) },
      now: clock.now,
    });
  }

  get tables(): Tables {
    return this.deps.tables;
  }

  /** Carries out every started execution now. It does not wait for their `notBefore`. */
  async finish(): Promise<void> {
    for (const task of this.executions.splice(0)) {
      await this.carryOut(task);
    }
  }

  /** Takes the steps of an execution until it is done. */
  async carryOut(task: LifecycleTask): Promise<void> {
    let next = task;
    for (let steps = 0; steps < 100; steps++) {
      const { done, ...rest } = await advance(next, this.deps);
      if (done) {
        return;
      }
      next = rest;
    }
    throw new Error('the execution did not end');
  }

  async create(StreamName: string, ShardCount = 1): Promise<Stream> {
    await createStream.handle({ StreamName, ShardCount }, this.deps);
    await this.finish();
    return this.stream(StreamName);
  }

  async put(StreamName: string, text: string, more: object = {}): Promise<string> {
    const input = { StreamName, PartitionKey: 'key', Data: Buffer.from(text), ...more };
    return (await putRecord.handle(input, this.deps)).SequenceNumber;
  }

  async iterator(StreamName: string, ShardIteratorType: string, more: object = {}): Promise<string> {
    const input = { StreamName, ShardId: '0', ShardIteratorType, ...more };
    return (await getShardIterator.handle(input as never, this.deps)).ShardIterator ?? '';
  }

  async read(ShardIterator: string, Limit = 10_000): Promise<ReadAnswer> {
    const answer = await getRecords.handle({ ShardIterator, Limit }, this.deps);
    return {
      texts: answer.Records.map(({ Data }) => Buffer.from(Data).toString()),
      next: answer.NextShardIterator,
      children: (answer.ChildShards ?? []).map(({ ShardId }) => ShardId),
    };
  }

  /** What one read from the beginning of a shard returns. */
  async readAll(StreamName: string, ShardId = '0'): Promise<string[]> {
    return (await this.read(await this.iterator(StreamName, 'TRIM_HORIZON', { ShardId }))).texts;
  }

  async stream(StreamName: string): Promise<Stream> {
    return (await getStream(this.tables, StreamName)) as Stream;
  }

  async shards(StreamName: string): Promise<Shard[]> {
    return listShards(this.tables, (await this.stream(StreamName)).id);
  }
}

/** The code of the fault that a call throws; undefined when it succeeds. */
export async function faultOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return (error as KinesisFault).code;
  }
}
