import { once } from 'node:events';
import http1 from 'node:http';
import http2 from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeregisterStreamConsumerCommand,
  KinesisClient,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  type StartingPosition,
  SubscribeToShardCommand,
  type SubscribeToShardEvent,
} from '@aws-sdk/client-kinesis';
import { NodeHttp2Handler, NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Capacity } from '../../demo/capacity.ts';
import { subscribeToShard } from '../../lib/operations/consumers/subscribe-to-shard.ts';
import { formatCbor } from '../../lib/protocol/cbor.ts';
import { EventStream } from '../../lib/protocol/event-stream.ts';
import { gateway } from '../../local/gateway.ts';
import { HttpServer } from '../../local/http-server.ts';
import { Intake } from '../../local/intake.ts';
import { SIGNED, TestApi } from '../support/test-api.ts';
import { TestClock } from '../support/test-clock.ts';
import { until } from '../support/until.ts';

/**
 * For so long, another subscription cannot take over. A subscription without records for as long gets an empty event,
 * and its server checks whether it is still valid.
 */
const GRACE_MS = 5_000;

/** Consumers are ACTIVE at once. */
const AT_ONCE = { TRANSITION_MS: '0' };

/** The longest pause of a subscription between two reads, ms. */
const LONGEST_REST_MS = 1_000;

/** The clients of a test. They are closed after it. */
const openClients: KinesisClient[] = [];

function client(api: TestApi, http: 'HTTP/1.1' | 'HTTP/2'): KinesisClient {
  const kinesis = new KinesisClient({
    endpoint: api.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: http === 'HTTP/2' ? new NodeHttp2Handler() : new NodeHttpHandler(),
  });
  openClients.push(kinesis);
  return kinesis;
}

async function registered(kinesis: KinesisClient, streamName: string, ConsumerName: string): Promise<string> {
  const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${streamName}`;
  const { Consumer } = await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
  return Consumer?.ConsumerARN ?? '';
}

async function put(kinesis: KinesisClient, StreamName: string, ...texts: string[]): Promise<string[]> {
  const Records = texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text) }));
  const answer = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  expect(answer.FailedRecordCount).toBe(0);
  return (answer.Records ?? []).map(({ SequenceNumber = '' }) => SequenceNumber);
}

/** A subscription that is read event by event. */
class Subscriber {
  readonly #events: AsyncIterator<{ SubscribeToShardEvent?: SubscribeToShardEvent }>;
  readonly texts: string[] = [];
  last: SubscribeToShardEvent | undefined;

  private constructor(events: AsyncIterable<{ SubscribeToShardEvent?: SubscribeToShardEvent }>) {
    this.#events = events[Symbol.asyncIterator]();
  }

  static async open(kinesis: KinesisClient, ConsumerARN: string, StartingPosition: StartingPosition, shard = 0) {
    const ShardId = `shardId-${String(shard).padStart(12, '0')}`;
    const { EventStream } = await kinesis.send(new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition }));
    return new Subscriber(EventStream as AsyncIterable<{ SubscribeToShardEvent?: SubscribeToShardEvent }>);
  }

  /** @returns undefined at the end of the stream */
  async next(): Promise<SubscribeToShardEvent | undefined> {
    const { done, value } = await this.#events.next();
    const event = done ? undefined : value.SubscribeToShardEvent;
    this.texts.push(...(event?.Records ?? []).map(({ Data = new Uint8Array() }) => Buffer.from(Data).toString()));
    this.last = event ?? this.last;
    return event;
  }

  async until(count: number): Promise<string[]> {
    while (this.texts.length < count && (await this.next()) !== undefined) {}
    return this.texts;
  }

  async leave(): Promise<void> {
    await this.#events.return?.();
  }
}

describe.each(['HTTP/2', 'HTTP/1.1'] as const)('SubscribeToShard over %s', (http) => {
  const clock = new TestClock();
  let api: TestApi;
  let kinesis: KinesisClient;
  let stream: string;
  let count = 0;

  beforeAll(async () => {
    api = await TestApi.start({ clock, environment: AT_ONCE });
  });

  afterEach(() => {
    for (const open of openClients.splice(0)) {
      open.destroy();
    }
  });

  afterAll(() => api.close());

  async function newStream(): Promise<string> {
    stream = `pushed-${http.replace(/\W/g, '')}-${count++}`;
    await api.createStream(stream, 1);
    kinesis = client(api, http);
    return registered(kinesis, stream, 'one');
  }

  it('gives what is put while it lasts, once, at once, and what was put before from TRIM_HORIZON on', async () => {
    const arn = await newStream();
    const [first] = await put(kinesis, stream, 'a', 'b');

    const subscriber = await Subscriber.open(kinesis, arn, { Type: 'TRIM_HORIZON' });
    await subscriber.until(2);
    await put(kinesis, stream, 'c');
    await subscriber.until(3);

    expect(subscriber.texts).toEqual(['a', 'b', 'c']);
    expect(subscriber.last).toMatchObject({
      MillisBehindLatest: 0,
      ContinuationSequenceNumber: subscriber.last?.Records?.at(-1)?.SequenceNumber,
    });
    expect(subscriber.last?.ChildShards).toBeUndefined();
    expect(first).toBeDefined();
    await subscriber.leave();
  });

  it('tells at once that it is connected, also where there is nothing to give', async () => {
    const arn = await newStream();
    await put(kinesis, stream, 'before');

    const subscriber = await Subscriber.open(kinesis, arn, { Type: 'LATEST' });
    const event = await subscriber.next();

    expect(event).toMatchObject({ Records: [], MillisBehindLatest: 0, ContinuationSequenceNumber: expect.any(String) });
    await put(kinesis, stream, 'after');
    expect(await subscriber.until(1)).toEqual(['after']);
    await subscriber.leave();
  });

  it('begins at, or after, a sequence number, and at a time', async () => {
    const arn = await newStream();
    const numbers = await put(kinesis, stream, 'a', 'b', 'c');
    clock.pass(1_100);
    const Timestamp = new Date(clock.now());
    await put(kinesis, stream, 'd');

    const positions: [StartingPosition, string[]][] = [
      [{ Type: 'AT_SEQUENCE_NUMBER', SequenceNumber: numbers[1] }, ['b', 'c', 'd']],
      [{ Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: numbers[1] }, ['c', 'd']],
      [{ Type: 'AT_TIMESTAMP', Timestamp }, ['d']],
    ];
    for (const [position, texts] of positions) {
      const subscriber = await Subscriber.open(kinesis, arn, position);
      expect(await subscriber.until(texts.length)).toEqual(texts);
      await subscriber.leave();
      clock.pass(GRACE_MS);
    }
  });

  it('goes on after its continuation sequence number: nothing is missed, and nothing comes twice', async () => {
    const arn = await newStream();
    const texts = Array.from({ length: 40 }, (_, i) => `${i}`);
    const putting = (async () => {
      for (const text of texts) {
        await put(kinesis, stream, text);
        await sleep(10);
      }
    })();

    const seen: string[] = [];
    let position: StartingPosition = { Type: 'TRIM_HORIZON' };
    while (seen.length < texts.length) {
      const subscriber = await Subscriber.open(kinesis, arn, position);
      await subscriber.until(Math.min(4, texts.length - seen.length));
      seen.push(...subscriber.texts);
      position = { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: subscriber.last?.ContinuationSequenceNumber };
      await subscriber.leave();
      clock.pass(GRACE_MS);
    }
    await putting;

    expect(seen).toEqual(texts);
  });

  it('goes on after a continuation sequence number of an event without records', async () => {
    const arn = await newStream();
    const empty = await Subscriber.open(kinesis, arn, { Type: 'LATEST' });
    const SequenceNumber = (await empty.next())?.ContinuationSequenceNumber;
    await empty.leave();
    await put(kinesis, stream, 'next');
    clock.pass(GRACE_MS);

    const subscriber = await Subscriber.open(kinesis, arn, { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber });

    expect(await subscriber.until(1)).toEqual(['next']);
    await subscriber.leave();
  });

  it('two consumers are given all, each at its own place', async () => {
    const arn = await newStream();
    const other = await registered(kinesis, stream, 'two');
    await put(kinesis, stream, 'a');

    const [first, second] = [
      await Subscriber.open(kinesis, arn, { Type: 'TRIM_HORIZON' }),
      await Subscriber.open(kinesis, other, { Type: 'LATEST' }),
    ];
    await second.next();
    await put(kinesis, stream, 'b');

    expect(await first.until(2)).toEqual(['a', 'b']);
    expect(await second.until(1)).toEqual(['b']);
    await first.leave();
    await second.leave();
  });

  it('ends with the child shards, which a consumer follows through a split and a merge', async () => {
    const arn = await newStream();
    const texts = Array.from({ length: 30 }, (_, i) => `${i}`);
    await put(kinesis, stream, ...texts.slice(0, 10));
    await api.ok('SplitShard', { StreamName: stream, ShardToSplit: '0', NewStartingHashKey: (2n ** 127n).toString() });
    await api.inStatus(stream, 'ACTIVE');
    await put(kinesis, stream, ...texts.slice(10, 20));
    await api.ok('MergeShards', { StreamName: stream, ShardToMerge: '1', AdjacentShardToMerge: '2' });
    await api.inStatus(stream, 'ACTIVE');
    await put(kinesis, stream, ...texts.slice(20));

    const seen: string[] = [];
    const follow = async (shard: number, count: number): Promise<SubscribeToShardEvent | undefined> => {
      const subscriber = await Subscriber.open(kinesis, arn, { Type: 'TRIM_HORIZON' }, shard);
      await subscriber.until(count);
      if (count === Number.POSITIVE_INFINITY) {
        expect(await subscriber.next()).toBeUndefined();
      }
      await subscriber.leave();
      seen.push(...subscriber.texts);
      return subscriber.last;
    };
    const split = await follow(0, Number.POSITIVE_INFINITY);
    const merged = await follow(1, Number.POSITIVE_INFINITY);
    await follow(2, Number.POSITIVE_INFINITY);
    await follow(3, 10);

    expect(split?.ContinuationSequenceNumber).toBeUndefined();
    expect(split?.ChildShards).toMatchObject([
      { ShardId: 'shardId-000000000001', ParentShards: ['shardId-000000000000'] },
      { ShardId: 'shardId-000000000002', ParentShards: ['shardId-000000000000'] },
    ]);
    expect(merged?.ChildShards).toMatchObject([
      { ShardId: 'shardId-000000000003', ParentShards: ['shardId-000000000001', 'shardId-000000000002'] },
    ]);
    expect(seen.sort()).toEqual([...texts].sort());
  });

  it('is told of a reshard while it is subscribed', async () => {
    const arn = await newStream();
    const subscriber = await Subscriber.open(kinesis, arn, { Type: 'LATEST' });
    await subscriber.next();

    await api.ok('SplitShard', { StreamName: stream, ShardToSplit: '0', NewStartingHashKey: (2n ** 127n).toString() });
    while ((await subscriber.next()) !== undefined) {}

    expect(subscriber.last?.ChildShards).toHaveLength(2);
  });

  it('is refused while another one is young, and takes over an older one, which is told', async () => {
    const arn = await newStream();
    const older = await Subscriber.open(kinesis, arn, { Type: 'LATEST' });
    await older.next();

    await expect(Subscriber.open(kinesis, arn, { Type: 'LATEST' })).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: `Another active subscription exists for this consumer: 000000000000:${stream}:shardId-000000000000:one`,
    });
    clock.pass(GRACE_MS);
    const younger = await Subscriber.open(kinesis, arn, { Type: 'LATEST' });

    await expect(older.until(1)).rejects.toMatchObject({ name: 'ResourceInUseException' });
    await younger.next();
    await put(kinesis, stream, 'for the younger');
    expect(await younger.until(1)).toEqual(['for the younger']);
    await younger.leave();
  });

  it('ends with the consumer, or with the stream', async () => {
    const arn = await newStream();
    const other = await registered(kinesis, stream, 'two');
    const first = await Subscriber.open(kinesis, arn, { Type: 'LATEST' });
    const second = await Subscriber.open(kinesis, other, { Type: 'LATEST' });

    await kinesis.send(new DeregisterStreamConsumerCommand({ ConsumerARN: arn }));
    clock.pass(GRACE_MS);
    await expect(first.until(1)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await api.ok('DeleteStream', { StreamName: stream, EnforceConsumerDeletion: true });
    await expect(second.until(1)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('is refused for what is not there, not active, or not a place', async () => {
    const arn = await newStream();
    const refused = (position: StartingPosition, consumer = arn, shard = 0) =>
      Subscriber.open(kinesis, consumer, position, shard).then(
        () => 'subscribed',
        ({ name }: Error) => name,
      );

    expect(
      await refused(
        { Type: 'LATEST' },
        arn.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)),
      ),
    ).toBe('ResourceNotFoundException');
    expect(await refused({ Type: 'LATEST' }, arn, 7)).toBe('ResourceNotFoundException');
    expect(await refused({ Type: 'AT_TIMESTAMP' })).toBe('InvalidArgumentException');
    expect(await refused({ Type: 'AT_SEQUENCE_NUMBER' })).toBe('InvalidArgumentException');
    const subscriber = await Subscriber.open(kinesis, arn, { Type: 'LATEST' });
    await subscriber.leave();
  });
});

const STREAM_ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/stream';

describe('SubscribeToShard', () => {
  const clock = new TestClock();
  let api: TestApi;

  afterEach(() => api.close());

  async function subscribed(environment: Record<string, string>): Promise<Subscriber> {
    api = await TestApi.start({ clock, environment: { ...AT_ONCE, ...environment } });
    await api.createStream('stream', 1);
    const kinesis = client(api, 'HTTP/1.1');
    const arn = await registered(kinesis, 'stream', 'one');
    return Subscriber.open(kinesis, arn, { Type: 'LATEST' });
  }

  it('ends by itself when its time is over, without a fault', async () => {
    const subscriber = await subscribed({});
    await subscriber.next();

    clock.pass(300_000);

    while ((await subscriber.next()) !== undefined) {}
    expect(subscriber.last?.ContinuationSequenceNumber).toBeDefined();
  });

  it('ends with the server, without a fault', async () => {
    const subscriber = await subscribed({});
    await subscriber.next();

    const closed = api.close();

    while ((await subscriber.next()) !== undefined) {}
    await closed;
  });

  it('is refused where answers cannot go on, with the setting to change', async () => {
    await expect(subscribed({ STREAMING: 'off' })).rejects.toMatchObject({
      name: 'InvalidArgumentException',
      message: expect.stringContaining('frontDoor=function-url'),
    });
  });

  it('takes one call a second where throttling is on', async () => {
    const subscriber = await subscribed({ THROTTLING: 'on', LIMITS: '{"subscriptionGraceMs":1}' });
    await subscriber.next();
    const { ConsumerARN } = (await api.ok('ListStreamConsumers', { StreamARN: STREAM_ARN })).Consumers[0];
    const again = () =>
      api.call('SubscribeToShard', { ConsumerARN, ShardId: '0', StartingPosition: { Type: 'LATEST' } });

    expect((await again()).body.__type).toBe('LimitExceededException');
    await subscriber.leave();
  });

  it('has no CBOR form', async () => {
    await (await subscribed({})).leave();
    const input = {
      ConsumerARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/stream/consumer/one:1',
      ShardId: '0',
      StartingPosition: { Type: 'LATEST' },
    };
    const ask = (type: string, body: NonNullable<RequestInit['body']>) =>
      api.send({
        method: 'POST',
        headers: { ...SIGNED, 'Content-Type': type, 'X-Amz-Target': 'Kinesis_20131202.SubscribeToShard' },
        body,
      });

    const json = await ask('application/x-amz-json-1.1', JSON.stringify(input));
    const cbor = await ask('application/x-amz-cbor-1.1', Buffer.from(formatCbor(subscribeToShard.input, input)));

    expect([json.status, json.body.__type]).toEqual([400, 'ResourceNotFoundException']);
    expect(cbor.status).toBe(500);
    expect(cbor.text).toContain('InternalFailure');
  });

  it.each(['HTTP/1.1', 'HTTP/2'] as const)('costs nothing any more once its client has gone, over %s', async (http) => {
    const capacity = new Capacity();
    api = await TestApi.start({ meter: capacity.meter, environment: AT_ONCE });
    await api.createStream('stream', 1);
    const ConsumerARN = await registered(client(api, 'HTTP/1.1'), 'stream', 'one');
    const connection = await rawSubscription(api, http, ConsumerARN);
    capacity.take();
    await until(() => capacity.take().calls > 0);

    connection.destroy();

    await until(async () => (await callsWithin(capacity, LONGEST_REST_MS + 500)) === 0);
  });

  it('is told when it was taken over through another process', async () => {
    const older = await subscribed({});
    await older.next();
    const other = await TestApi.start({ clock, environment: AT_ONCE, store: api.rivulet.store });
    const { Consumers } = await api.ok('ListStreamConsumers', { StreamARN: STREAM_ARN });
    clock.pass(GRACE_MS);

    const younger = await Subscriber.open(client(other, 'HTTP/1.1'), Consumers[0].ConsumerARN, { Type: 'LATEST' });
    await younger.next();
    clock.pass(GRACE_MS);

    await expect(older.until(1)).rejects.toMatchObject({ name: 'ResourceInUseException' });
    await younger.leave();
    await other.close();
  });

  it('ends before its time, cleanly, where the front door gives no more bytes', async () => {
    const subscriber = await subscribed({ LIMITS: '{"subscriptionBytes":1}' });

    expect(await subscriber.next()).toBeDefined();
    expect(await subscriber.next()).toBeUndefined();
  });

  it('holds back events that a slow client does not take', async () => {
    const capacity = new Capacity();
    api = await TestApi.start({ meter: capacity.meter, environment: AT_ONCE });
    await api.createStream('stream', 1);
    const kinesis = client(api, 'HTTP/1.1');
    const arn = await registered(kinesis, 'stream', 'one');
    for (let i = 0; i < 24; i++) {
      await api.ok('PutRecord', {
        StreamName: 'stream',
        PartitionKey: 'a',
        Data: Buffer.alloc(1_000_000, i).toString('base64'),
      });
    }
    capacity.take();
    const subscriber = await Subscriber.open(kinesis, arn, { Type: 'TRIM_HORIZON' });
    let taken = 0;
    await until(async () => {
      const calls = await callsWithin(capacity, 500);
      taken += calls;
      return calls === 0;
    });

    // Each record is three chunks. The server has read what the socket's buffers hold, and no more.
    expect(taken).toBeLessThan(24 * 3);
    let records = 0;
    while (records < 24) {
      records += (await subscriber.next())?.Records?.length ?? 0;
    }
    await subscriber.leave();
  });
});

describe('a client that leaves before it is answered', () => {
  it.each(['HTTP/1.1', 'HTTP/2'] as const)('leaves nothing behind, over %s', async (http) => {
    const asked = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const stream = new EventStream(async function* () {
      yield Buffer.from('never taken');
    }, 60_000);
    const handler = async () => {
      asked.resolve();
      await left.promise;
      return { statusCode: 200, body: stream };
    };
    const noticed = Promise.withResolvers<void>();
    const answering = gateway(handler, 10_000, new Intake({ requests: 1, bodyBytes: 1_000 }));
    const server = new HttpServer(
      (request, response) => {
        answering(request, response);
        response.once('close', () => noticed.resolve());
      },
      () => {
        throw new Error('no TLS here');
      },
    );
    const endpoint = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
    const request =
      http === 'HTTP/2' ? http2.connect(endpoint) : http1.request(endpoint, { method: 'POST' }).on('error', () => {});
    if ('end' in request) {
      request.end('{}');
    } else {
      request
        .request({ ':method': 'POST', ':path': '/' })
        .on('error', () => {})
        .end('{}');
    }
    await asked.promise;

    request.destroy();
    await noticed.promise;
    left.resolve();

    await until(() => stream.destroyed);
    await server.close();
  });
});

describe('what a consumer can take of a deployment', () => {
  const clock = new TestClock();
  let api: TestApi;
  let kinesis: KinesisClient;

  beforeAll(async () => {
    const LIMITS = JSON.stringify({ subscriptionsPerConsumer: 2 });
    api = await TestApi.start({ clock, environment: { ...AT_ONCE, LIMITS } });
    await api.createStream('bounded', 4);
    kinesis = client(api, 'HTTP/1.1');
  });

  afterAll(async () => {
    kinesis.destroy();
    await api.close();
  });

  it('are so many subscriptions: those that are over make room, and one that is renewed needs none', async () => {
    const arn = await registered(kinesis, 'bounded', 'greedy');
    const open = (shard: number) => Subscriber.open(kinesis, arn, { Type: 'LATEST' }, shard);
    const taken = [await open(0), await open(1)];

    await expect(open(2)).rejects.toMatchObject({ name: 'LimitExceededException' });
    clock.pass(GRACE_MS);
    taken.push(await open(1));
    await expect(open(2)).rejects.toMatchObject({ name: 'LimitExceededException' });
    const other = await registered(kinesis, 'bounded', 'modest');
    taken.push(await Subscriber.open(kinesis, other, { Type: 'LATEST' }, 2));
    clock.pass(300_001);
    taken.push(await open(2));

    for (const subscriber of taken) {
      await subscriber.leave();
    }
  });
});

/** The number of DynamoDB calls while some time passes. */
async function callsWithin(capacity: Capacity, ms: number): Promise<number> {
  capacity.take();
  await sleep(ms);
  return capacity.take().calls;
}

/** Subscribes over a connection that can be cut, and waits for the first frame. */
async function rawSubscription(api: TestApi, http: 'HTTP/1.1' | 'HTTP/2', ConsumerARN: string) {
  const headers = {
    ...SIGNED,
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'Kinesis_20131202.SubscribeToShard',
  };
  const body = JSON.stringify({ ConsumerARN, ShardId: '0', StartingPosition: { Type: 'LATEST' } });
  if (http === 'HTTP/2') {
    const session = http2.connect(api.endpoint).on('error', () => {});
    const exchange = session.request({ ':method': 'POST', ':path': '/', ...headers }).on('error', () => {});
    exchange.end(body);
    await once(exchange, 'data');
    return session;
  }
  const request = http1.request(api.endpoint, { method: 'POST', headers });
  request.on('error', () => {});
  request.end(body);
  const [response] = await once(request, 'response');
  await once(response, 'data');
  return request;
}
