import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateStreamCommand,
  PutRecordCommand,
  PutRecordsCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { openLocalEndpoint } from '../../client/endpoint.ts';
import { polling } from '../../client/reading/polling.ts';
import { listShards } from '../../client/reading/shard-map.ts';
import { readStream } from '../../client/reading/stream-reader.ts';
import { kinesis, rivulet } from '../support/command-line-server.ts';
import { until } from '../support/until.ts';

/** A stream with records in each of its shards. */
async function wideStream(StreamName: string): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 6 }));
  await waitUntilStreamExists({ client: kinesis, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StreamName });
  await kinesis.send(
    new PutRecordsCommand({
      StreamName,
      Records: Array.from({ length: 200 }, (_, key) => ({ PartitionKey: `${key}`, Data: Buffer.from(`${key}`) })),
    }),
  );
  return StreamName;
}

it('keeps no more pages in memory than are read at once, however many shards have one that nobody takes', async () => {
  const StreamName = await wideStream('wide');
  const endpoint = await openLocalEndpoint(rivulet.endpoint);
  const source = polling(endpoint, StreamName, 2);
  const { signal } = new AbortController();
  const readers = (await listShards(kinesis, StreamName)).map((shard) =>
    source.read(shard, { type: 'TRIM_HORIZON' }, true, signal),
  );
  let pages = 0;
  let records = 0;
  const first = readers.map(async (reader) => {
    const { value } = await reader.next();
    pages += 1;
    records += Array.isArray(value) ? value.length : 0;
  });
  await until(() => pages === 2);
  // A read by somebody else: what a third reader had asked for would have come before it.
  await listShards(endpoint.client, StreamName);
  await listShards(endpoint.client, StreamName);
  const untaken = pages;

  // Each reader's next step gives its turn away.
  const rest = readers.map((reader, at) => first[at]?.then(() => reader.next()));
  await Promise.all(first);
  await Promise.all(rest);
  endpoint.client.destroy();

  expect(untaken).toBe(2);
  expect([pages, records]).toEqual([6, 200]);
});

it('asks for nothing more when nobody waits for it, however many shards wait for their turn', async () => {
  const StreamName = await wideStream('left');
  const endpoint = await openLocalEndpoint(rivulet.endpoint);
  let calls = 0;
  endpoint.client.middlewareStack.add(
    (next) => (call) => {
      calls += 1;
      return next(call);
    },
    { step: 'initialize' },
  );
  const ending = new AbortController();
  let callsThen = 0;
  await readStream({
    endpoint,
    stream: StreamName,
    start: { type: 'TRIM_HORIZON' },
    source: polling(endpoint, StreamName, 1),
    follow: true,
    signal: ending.signal,
    onPage: () => {
      ending.abort();
      callsThen = calls;
    },
  });
  endpoint.client.destroy();

  expect(calls).toBe(callsThen);
});

it('goes on with what came in the meantime, although its place at the latest record has expired', async () => {
  const StreamName = await wideStream('asleep');
  const endpoint = await openLocalEndpoint(rivulet.endpoint);
  const ending = new AbortController();
  const read: string[] = [];
  let calls = 0;
  const awake = Promise.withResolvers<void>();
  endpoint.client.middlewareStack.add(
    (next) => async (call) => {
      if ('ShardIterator' in (call.input as object)) {
        calls += 1;
        // The third page of this shard is asked for late.
        await (calls === 3 ? awake.promise : undefined);
      }
      return next(call);
    },
    { step: 'initialize' },
  );
  const reading = readStream({
    endpoint,
    stream: StreamName,
    start: { type: 'LATEST' },
    source: polling(endpoint, StreamName),
    follow: true,
    shards: ['shardId-000000000000'],
    signal: ending.signal,
    onPage: ({ records }) => {
      read.push(...records.map(({ Data }) => `${Buffer.from(Data ?? [])}`));
    },
  });
  await until(() => calls === 3);
  const put = (data: string) =>
    kinesis.send(
      new PutRecordCommand({ StreamName, PartitionKey: 'a', ExplicitHashKey: '0', Data: Buffer.from(data) }),
    );
  await put('in the meantime');
  rivulet.clock.advance(6 * 60_000);
  awake.resolve();
  let more = 0;
  await until(async () => {
    await put(`later ${more++}`);
    return read.some((data) => data.startsWith('later'));
  });
  ending.abort();
  await reading;
  endpoint.client.destroy();

  expect(read).toContain('in the meantime');
  expect(new Set(read).size).toBe(read.length);
});

/** Passes calls on to the server and their answers back, but for those of one operation: these are never answered. */
function endpointWithSilence(silent: string, asked: string[]): Server {
  return createServer((request, response) => {
    const operation = `${request.headers['x-amz-target']}`.split('.').at(-1) ?? '';
    asked.push(operation);
    if (operation === silent) {
      return;
    }
    const passed = httpRequest(`${rivulet.endpoint}/`, { method: 'POST', headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on('error', () => response.destroy()).pipe(response);
    });
    // A side that goes takes the other along: the reader may leave while its call is on the way.
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });
}

it.each(['ListShards', 'GetShardIterator', 'GetRecords'])(
  'ends although the endpoint never answers %s, and that is no failure',
  async (silent) => {
    const StreamName = await wideStream(`silent-${silent}`);
    const ending = new AbortController();
    const asked: string[] = [];
    const inBetween = endpointWithSilence(silent, asked);
    await new Promise<void>((resolve) => inBetween.listen(0, '127.0.0.1', resolve));
    const endpoint = await openLocalEndpoint(`http://127.0.0.1:${(inBetween.address() as AddressInfo).port}`);
    const reading = readStream({
      endpoint,
      stream: StreamName,
      start: { type: 'TRIM_HORIZON' },
      source: polling(endpoint, StreamName),
      follow: true,
      signal: ending.signal,
      onPage: () => {},
    });
    await until(() => asked.includes(silent));
    ending.abort();

    await reading;
    endpoint.client.destroy();
    inBetween.closeAllConnections();
    await new Promise((resolve) => inBetween.close(resolve));
  },
);
