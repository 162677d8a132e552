import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, describe, expect, it } from 'vitest';
import { filePlace } from '../../cli/keys/credentials-place.ts';
import { addCredential } from '../../lib/authentication/credential-changes.ts';
import { type Rivulet, type RivuletOptions, startRivulet } from '../../library/index.ts';
import { until } from '../support/until.ts';

let rivulet: Rivulet;
let kinesis: KinesisClient;

afterEach(async () => {
  kinesis.destroy();
  await rivulet.close();
});

async function start(options: RivuletOptions = {}): Promise<void> {
  rivulet = await startRivulet({ streams: { orders: 1 }, ...options });
  kinesis = new KinesisClient({ ...rivulet.client(), requestHandler: new NodeHttpHandler(), maxAttempts: 1 });
}

const put = (text: string) =>
  kinesis.send(new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'a', Data: Buffer.from(text) }));

const iterator = async () =>
  (
    await kinesis.send(
      new GetShardIteratorCommand({ StreamName: 'orders', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' }),
    )
  ).ShardIterator;

const read = async (ShardIterator: string | undefined) =>
  ((await kinesis.send(new GetRecordsCommand({ ShardIterator }))).Records ?? []).map(({ Data }) =>
    Buffer.from(Data ?? []).toString(),
  );

const status = async (StreamName: string) =>
  (await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }))).StreamDescriptionSummary?.StreamStatus;

describe('the clock of the library', () => {
  it('ends the retention of records and the life of iterators and tokens', async () => {
    await start({ streams: { orders: 2 } });
    await put('old');
    const before = await iterator();
    const { NextToken } = await kinesis.send(new ListShardsCommand({ StreamName: 'orders', MaxResults: 1 }));
    rivulet.clock.advance('6m');
    await expect(read(before)).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
    await expect(kinesis.send(new ListShardsCommand({ NextToken }))).rejects.toMatchObject({
      name: 'ExpiredNextTokenException',
    });
    expect(await read(await iterator())).toEqual(['old']);
    rivulet.clock.advance('25h');
    expect(await read(await iterator())).toEqual([]);
    await put('new');
    expect(await read(await iterator())).toEqual(['new']);
  });

  it('stands still while it is held: transitions and registrations wait for it', async () => {
    await start({ clock: 'held' });
    await kinesis.send(new CreateStreamCommand({ StreamName: 'slow', ShardCount: 1 }));
    const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'orders' }));
    const { Consumer } = await kinesis.send(
      new RegisterStreamConsumerCommand({ StreamARN: StreamDescriptionSummary?.StreamARN, ConsumerName: 'reader' }),
    );
    const consumer = async () =>
      (await kinesis.send(new DescribeStreamConsumerCommand({ ConsumerARN: Consumer?.ConsumerARN })))
        .ConsumerDescription?.ConsumerStatus;
    // Far longer than a transition takes by the machine's clock.
    await sleep(500);
    rivulet.clock.advance('99ms');
    expect([await status('slow'), await consumer()]).toEqual(['CREATING', 'CREATING']);
    rivulet.clock.advance('1ms');
    await until(async () => (await status('slow')) === 'ACTIVE');
    expect(await consumer()).toBe('ACTIVE');
  });

  it('ends subscriptions', async () => {
    await start({ clock: 'held', transitionMs: 0 });
    const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'orders' }));
    const { Consumer } = await kinesis.send(
      new RegisterStreamConsumerCommand({ StreamARN: StreamDescriptionSummary?.StreamARN, ConsumerName: 'reader' }),
    );
    const { EventStream } = await kinesis.send(
      new SubscribeToShardCommand({
        ConsumerARN: Consumer?.ConsumerARN,
        ShardId: 'shardId-000000000000',
        StartingPosition: { Type: 'TRIM_HORIZON' },
      }),
    );
    let events = 0;
    for await (const _event of EventStream ?? []) {
      events += 1;
      rivulet.clock.advance('6m');
    }
    expect(events).toBeGreaterThan(0);
  });

  it('refills the limits of a second', async () => {
    await start({ clock: 'held', throttling: true, limits: { shardRecordsPerSecond: 2 } });
    await put('1');
    await put('2');
    await expect(put('3')).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    rivulet.clock.advance('1s');
    await put('3');
    expect(await read(await iterator())).toEqual(['1', '2', '3']);
  });

  it('is not that of signatures: clients sign by real time', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-library-'));
    const file = path.join(folder, 'keys.json');
    const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] } as const;
    const { created } = await filePlace(file).change((document) => addCredential(document, { name: 'me', policy }));
    await start({ settings: { CREDENTIALS_FILE: file } });
    kinesis.destroy();
    kinesis = new KinesisClient({ ...rivulet.client(), credentials: created, requestHandler: new NodeHttpHandler() });
    rivulet.clock.advance('48h');

    expect(await status('orders')).toBe('ACTIVE');
    await rm(folder, { recursive: true });
  });
});

describe('faults on demand', () => {
  const records = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ PartitionKey: 'a', Data: Buffer.from(`${index}`) }));

  it('follow a script, call by call', async () => {
    await start();
    rivulet.faults.script(['throttle', 'ok', 'error', 'lost-response'], { operation: 'PutRecord', stream: 'orders' });
    const outcomes = [];
    for (const text of ['a', 'b', 'c', 'd', 'e']) {
      outcomes.push(
        await put(text).then(
          () => 'ok',
          (error: Error) => error.name,
        ),
      );
    }

    expect(outcomes).toEqual([
      'ProvisionedThroughputExceededException',
      'ok',
      'InternalFailure',
      'InternalFailure',
      'ok',
    ]);
    // Of a lost response, the effect is there.
    expect(await read(await iterator())).toEqual(['b', 'd', 'e']);
  });

  it('hit the stream of an iterator too, and no other operation', async () => {
    await start();
    rivulet.faults.add({ fault: 'throttle', operation: ['GetRecords'], stream: 'orders', times: 1 });
    await put('a');
    const from = await iterator();
    await expect(read(from)).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    expect(await read(from)).toEqual(['a']);
  });

  it('fail a part of PutRecords: what is not stored is told, in place', async () => {
    await start();
    rivulet.faults.add({ fault: 'partial', share: 0.5 });
    const output = await kinesis.send(new PutRecordsCommand({ StreamName: 'orders', Records: records(100) }));
    const stored = (output.Records ?? []).flatMap(({ SequenceNumber }, index) =>
      SequenceNumber === undefined ? [] : [`${index}`],
    );

    expect(output.FailedRecordCount).toBe(100 - stored.length);
    expect(stored.length).toBeGreaterThan(20);
    rivulet.faults.clear();
    expect(await read(await iterator())).toEqual(stored);
  });

  it('are the same for the same seed, and others for another', async () => {
    const drawn = async (seed: number) => {
      await start({ seed });
      rivulet.faults.add({ fault: 'throttle', operation: 'PutRecord', chance: 0.5 });
      const outcomes = [];
      for (let call = 0; call < 40; call++) {
        outcomes.push(
          await put('x').then(
            () => 'ok',
            () => 'fault',
          ),
        );
      }
      return outcomes.join();
    };
    const first = await drawn(7);
    await rivulet.close();
    const second = await drawn(7);
    await rivulet.close();

    expect(second).toBe(first);
    expect(await drawn(8)).not.toBe(first);
  });

  it.each([
    [{ fault: 'nonsense' }, "'nonsense' is no fault"],
    [{ fault: 'throttle', operation: 'PutThings' }, "'PutThings' is no operation of Kinesis"],
    [{ fault: 'throttle', chance: 2 }, 'chance and share are numbers from 0 to 1'],
    [{ fault: 'delay', delay: 'soon' }, "'soon' is no duration"],
  ])('are refused that make no sense: %j', async (rule, sentence) => {
    await start();
    expect(() => rivulet.faults.add(rule as never)).toThrow(sentence);
  });
});

describe('the library', () => {
  it('runs many servers in one process, apart from each other, and changes no environment variable', async () => {
    const before = { ...process.env };
    await start();
    const others = await Promise.all(Array.from({ length: 5 }, () => startRivulet({ streams: { orders: 1 } })));
    await put('here');

    expect(new Set([rivulet, ...others].map(({ endpoint }) => endpoint)).size).toBe(6);
    const other = new KinesisClient(others[0]?.client() ?? {});
    const start0 = { StreamName: 'orders', ShardId: '0', ShardIteratorType: 'TRIM_HORIZON' } as const;
    const { ShardIterator } = await other.send(new GetShardIteratorCommand(start0));
    expect((await other.send(new GetRecordsCommand({ ShardIterator }))).Records).toEqual([]);
    other.destroy();
    await Promise.all(others.map((one) => one.close()));
    expect(process.env).toEqual(before);
  });

  it('closes at the end of a block', async () => {
    await start();
    let endpoint = '';
    {
      await using other = await startRivulet();
      endpoint = other.endpoint;
      expect((await fetch(`${endpoint}/health`)).status).toBe(200);
    }
    await expect(fetch(`${endpoint}/health`)).rejects.toThrow();
  });

  it('is empty after a reset, has its streams again, and no faults', async () => {
    await start();
    await put('old');
    rivulet.faults.add({ fault: 'error' });
    rivulet.clock.advance('7d');
    await rivulet.reset();

    expect(Math.abs(rivulet.clock.now() - Date.now())).toBeLessThan(60_000);
    expect(await read(await iterator())).toEqual([]);
    await put('new');
    expect(await read(await iterator())).toEqual(['new']);
  });

  it('loses nothing that comes after a reset, not even while it goes on', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'rivulet-library-'));
    await start({ dataDir });
    const numbers = Array.from({ length: 20 }, (_, index) => `${index}`);
    for (const number of numbers) {
      await put('old');
      const reset = rivulet.reset();
      const later = put(number);
      await Promise.all([reset, later]);
      expect(await read(await iterator())).toEqual([number]);
    }
    await rivulet.close();
    await start({ dataDir });
    expect(await read(await iterator())).toEqual([numbers.at(-1)]);
    await rm(dataDir, { recursive: true });
  });

  it('keeps its data in a folder, and removes it there by a reset', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'rivulet-library-'));
    await start({ dataDir });
    await put('kept');
    await rivulet.close();
    await start({ dataDir });
    expect(await read(await iterator())).toEqual(['kept']);
    await rivulet.reset();
    expect(await read(await iterator())).toEqual([]);
    await rivulet.close();
    await start({ dataDir });
    expect(await read(await iterator())).toEqual([]);
    await rm(dataDir, { recursive: true });
  });

  it('tells what is wrong with an option', async () => {
    await start();
    await expect(startRivulet({ streams: { 'a b': 1 } })).rejects.toThrow("'a b:1' is none");
    await expect(startRivulet({ limits: { shardRecordsPerSecond: -1 } })).rejects.toThrow('LIMITS must give');
    await expect(startRivulet({ region: 'mars' })).rejects.toThrow('a region such as us-east-1');
  });
});
