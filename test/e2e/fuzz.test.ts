import net from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, base64, SIGNED, TestApi } from '../support/test-api.ts';

/** The number of requests of each kind. `FUZZ_RUNS` changes it. */
const FUZZ_RUNS = Number(process.env.FUZZ_RUNS ?? 300);

const StreamName = 'fuzzed';
const ARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'kinesis:GetRecords', Resource: ARN }],
});

let api: TestApi;
/** Requests that succeed, except those that would delete the stream. */
let valid: (readonly [string, Record<string, unknown>])[];

beforeAll(async () => {
  api = await TestApi.start();
  await api.createStream(StreamName, 3);
  const put = { StreamName, PartitionKey: 'key', Data: base64('data') };
  const { SequenceNumber, ShardId } = await api.ok('PutRecord', put);
  const at = { StreamName, ShardId, ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: SequenceNumber };
  const { ShardIterator } = await api.ok('GetShardIterator', at);
  const { NextToken } = await api.ok('ListShards', { StreamName, MaxResults: 1 });
  const { Consumer } = await api.ok('RegisterStreamConsumer', { StreamARN: ARN, ConsumerName: 'consumer' });
  valid = [
    ['PutRecord', { ...put, ExplicitHashKey: '12345', SequenceNumberForOrdering: SequenceNumber, StreamARN: ARN }],
    ['PutRecords', { StreamARN: ARN, Records: [{ PartitionKey: 'a', Data: base64('b'), ExplicitHashKey: '7' }] }],
    ['GetShardIterator', { ...at, StreamARN: ARN }],
    ['GetShardIterator', { StreamName, ShardId, ShardIteratorType: 'AT_TIMESTAMP', Timestamp: 1_700_000_000.5 }],
    ['GetRecords', { ShardIterator, Limit: 5, StreamARN: ARN }],
    ['ListShards', { NextToken, MaxResults: 1 }],
    ['ListShards', { StreamName, ShardFilter: { Type: 'AFTER_SHARD_ID', ShardId, Timestamp: 1_700_000_000 } }],
    ['ListShards', { StreamName, ExclusiveStartShardId: ShardId, StreamCreationTimestamp: 1_700_000_000 }],
    ['ListStreams', { Limit: 3, ExclusiveStartStreamName: 'a', NextToken: 'a' }],
    ['ListStreamConsumers', { StreamARN: ARN, MaxResults: 1, NextToken: 'a', StreamCreationTimestamp: 1 }],
    ['DescribeStream', { StreamName, Limit: 2, ExclusiveStartShardId: ShardId }],
    ['DescribeStreamConsumer', { ConsumerARN: Consumer.ConsumerARN, StreamARN: ARN, ConsumerName: 'consumer' }],
    ['PutResourcePolicy', { ResourceARN: ARN, Policy: POLICY }],
    ['PutResourcePolicy', { ResourceARN: Consumer.ConsumerARN, Policy: POLICY }],
    ['GetResourcePolicy', { ResourceARN: ARN }],
    ['TagResource', { ResourceARN: ARN, Tags: { a: 'b' } }],
    [
      'SplitShard',
      { StreamName, ShardToSplit: ShardId, NewStartingHashKey: '170141183460469231731687303715884105728' },
    ],
    ['MergeShards', { StreamName, ShardToMerge: ShardId, AdjacentShardToMerge: ShardId }],
    ['StartStreamEncryption', { StreamName, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }],
    ['IncreaseStreamRetentionPeriod', { StreamName, RetentionPeriodHours: 48 }],
  ];
});

afterAll(() => api.close());

function expectWellFormed({ status, headers, body, text }: ApiAnswer): void {
  // The real service also responds like this to some requests (docs/wire.md): unknown operations that are not a POST,
  // and sequence numbers of the oldest layout. An unexpected error would have been logged.
  const isKinesisOwn = status === 500 && (text === '<InternalFailure/>\n' || body?.__type === 'InternalFailure');
  expect(isKinesisOwn || [200, 400, 403, 404, 413].includes(status), `status ${status}: ${text}`).toBe(true);
  if (status === 400) {
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    if (body !== undefined) {
      expect(body.__type).toMatch(/^[A-Za-z]+$/);
    }
  }
  expect(text).not.toMatch(/\.ts:|node:internal|at async /);
}

/** A valid text with a piece cut out, doubled or replaced. */
const damaged = (text: string) =>
  fc
    .tuple(fc.nat(text.length), fc.nat(text.length), fc.string({ unit: 'binary', maxLength: 4 }), fc.boolean())
    .map(([a, b, piece, twice]) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      return text.slice(0, from) + (twice ? text.slice(from, to).repeat(2) : piece) + text.slice(to);
    });

const hostile = (value: unknown) =>
  fc.oneof(
    damaged(typeof value === 'string' ? value : JSON.stringify(value)),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.nat(60).map((digits) => `4${'9'.repeat(digits * 4)}`),
    fc.constantFrom(
      '',
      '-1',
      '0',
      ' ',
      '\0',
      '__proto__',
      'constructor',
      '../..',
      `arn:${':'.repeat(300)}`,
      'a'.repeat(5_000),
    ),
    fc.oneof(fc.integer(), fc.double(), fc.constantFrom(1e21, -1e300, 2 ** 53, -0.5)),
    fc.constantFrom(null, [], {}, [[]], { a: { a: {} } }, true),
  );

describe('a valid request with hostile values', () => {
  it('gets a well-formed answer below 500', async () => {
    const request = fc
      .nat(19)
      .chain((index) => {
        const [action, input] = valid[index] as (typeof valid)[number];
        const members = fc.subarray(Object.keys(input), { minLength: 1 });
        return fc.tuple(fc.constant(action), fc.constant(input), members);
      })
      .chain(([action, input, members]) =>
        fc.tuple(
          fc.constant(action),
          fc.constant(input),
          fc.record(Object.fromEntries(members.map((member) => [member, hostile(input[member])]))),
        ),
      );
    await fc.assert(
      fc.asyncProperty(request, async ([action, input, changes]) => {
        expectWellFormed(await api.call(action, { ...input, ...changes }));
      }),
      { numRuns: FUZZ_RUNS * 3 },
    );
    expect(api.logged).toEqual([]);
  }, 600_000);
});

describe('hostile headers', () => {
  const printable = fc.string({ unit: fc.constantFrom(...' !"$&,/:;=Aa0_-.*\t'), maxLength: 60 });
  const headers: Record<string, string> = {
    ...SIGNED,
    'Content-Type': 'application/x-amz-json-1.1',
    'X-Amz-Target': 'Kinesis_20131202.ListStreams',
    Origin: 'http://localhost',
    Accept: 'application/json',
  };
  const changed = fc
    .subarray(Object.keys(headers), { minLength: 1 })
    .chain((names) =>
      fc.record(
        Object.fromEntries(
          names.map((name) => [
            name,
            fc.oneof(printable, damaged(headers[name] as string)).map((value) => value.replace(/[^\t\x20-\x7e]/g, '')),
          ]),
        ),
      ),
    );
  const query = fc.oneof(
    fc.constant(''),
    fc
      .dictionary(
        fc.constantFrom('X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-Date', 'Action', 'a'),
        fc.string(),
      )
      .map((values) => `?${new URLSearchParams(values)}`),
    fc.constantFrom('?', '?%', '?%ff%00', '?&&==', '?X-Amz-Algorithm=&X-Amz-Algorithm='),
  );
  const method = fc.constantFrom('POST', 'POST', 'GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH');

  it('get a well-formed answer below 500', async () => {
    await fc.assert(
      fc.asyncProperty(method, changed, query, async (verb, changes, search) => {
        const body = verb === 'GET' ? undefined : '{}';
        const init = { method: verb, headers: { ...headers, ...changes }, ...(body && { body }) };
        expectWellFormed(await api.send(init, search));
      }),
      { numRuns: FUZZ_RUNS },
    );
    expect(api.logged).toEqual([]);
  }, 600_000);
});

describe('bytes on a connection', () => {
  const HEAD = [
    'POST / HTTP/1.1',
    'Host: localhost',
    ...Object.entries(SIGNED).map(([name, value]) => `${name}: ${value}`),
    'Content-Type: application/x-amz-json-1.1',
    'X-Amz-Target: Kinesis_20131202.ListStreams',
  ];

  /** Sends bytes. @returns what came back until the server closed the connection, or was silent for a moment */
  function exchange(bytes: Uint8Array): Promise<string> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = net.connect(Number(new URL(api.endpoint).port), '127.0.0.1', () => socket.write(bytes));
      socket.setTimeout(30, () => socket.destroy());
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(answer));
    });
  }

  it('that are a damaged request get an answer below 500, or none', async () => {
    const request = damaged([...HEAD, 'Content-Length: 2', '', '{}'].join('\r\n')).map((text) => Buffer.from(text));
    await fc.assert(
      fc.asyncProperty(request, async (bytes) => {
        expect(await exchange(bytes)).toMatch(/^$|^HTTP\/1\.1 [1234]/);
      }),
      { numRuns: FUZZ_RUNS },
    );
    expect(api.logged).toEqual([]);
  }, 600_000);

  it('that are no request at all do no harm', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        expect(await exchange(bytes)).not.toMatch(/^HTTP\/1\.1 5/);
      }),
      { numRuns: Math.ceil(FUZZ_RUNS / 3) },
    );
    expect((await api.call('ListStreams', {})).status).toBe(200);
    expect(api.logged).toEqual([]);
  }, 600_000);
});
