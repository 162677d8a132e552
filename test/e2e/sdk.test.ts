import * as sdk from '@aws-sdk/client-kinesis';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListStreamsCommand,
  PutRecordCommand,
  ResourceNotFoundException,
  waitUntilStreamExists,
  waitUntilStreamNotExists,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../lib/operations/index.ts';
import { type CallAction, callEveryOperation } from '../support/every-operation.ts';
import { TestApi } from '../support/test-api.ts';

/** Waiters of the SDK read again soon. They wait as long as a busy machine needs. */
const WAIT = { minDelay: 0.05, maxDelay: 0.5, maxWaitTime: 300 };

describe.each([
  ['HTTP/2 without TLS, its default', {}],
  ['HTTP/1.1', { requestHandler: new NodeHttpHandler() }],
])('the JavaScript SDK over %s', (_what, options) => {
  let api: TestApi;
  let kinesis: KinesisClient;

  beforeAll(async () => {
    api = await TestApi.start();
    kinesis = new KinesisClient({
      endpoint: api.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      ...options,
    });
  });

  afterAll(async () => {
    kinesis.destroy();
    await api.close();
  });

  it('creates a stream, puts, reads and deletes', async () => {
    const StreamName = 'sdk';
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    await waitUntilStreamExists({ client: kinesis, ...WAIT }, { StreamName });
    const { StreamDescription } = await kinesis.send(new DescribeStreamCommand({ StreamName }));
    expect(StreamDescription?.StreamCreationTimestamp).toBeInstanceOf(Date);

    const put = await kinesis.send(
      new PutRecordCommand({ StreamName, PartitionKey: 'schl\u00fcssel', Data: Buffer.from([0, 255, 10]) }),
    );
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({ StreamName, ShardId: put.ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    );
    const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));

    expect(Records).toHaveLength(1);
    expect(Records?.[0]).toMatchObject({ SequenceNumber: put.SequenceNumber, PartitionKey: 'schl\u00fcssel' });
    expect(Buffer.from(Records?.[0]?.Data ?? [])).toEqual(Buffer.from([0, 255, 10]));

    await kinesis.send(new DeleteStreamCommand({ StreamName }));
    await waitUntilStreamNotExists({ client: kinesis, ...WAIT }, { StreamName });
    expect((await kinesis.send(new ListStreamsCommand({}))).StreamNames).toEqual([]);
  });

  it('calls every operation', async () => {
    const call: CallAction = (action, input) => {
      const Command = (sdk as unknown as Record<string, new (input: object) => never>)[`${action}Command`];
      if (Command === undefined) {
        throw new Error(`the SDK has no ${action}`);
      }
      return kinesis.send(new Command(input));
    };

    const { called, read } = await callEveryOperation(call, (stream) => api.inStatus(stream, 'ACTIVE'));

    expect([...called].sort()).toEqual([...operations.keys()].sort());
    expect(read).toBe(2);
    await api.gone('every');
  });

  it('is given faults that it knows', async () => {
    await expect(kinesis.send(new DescribeStreamCommand({ StreamName: 'none' }))).rejects.toBeInstanceOf(
      ResourceNotFoundException,
    );
  });
});
