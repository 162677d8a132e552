import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CreateStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  ListTagsForStreamCommand,
  MergeShardsCommand,
  PutRecordCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { polling } from '../../client/reading/polling.ts';
import { listShards } from '../../client/reading/shard-map.ts';
import { readStream } from '../../client/reading/stream-reader.ts';
import { eventually, hasNoBrowser, kinesis, openPage, server } from '../support/console-page.ts';

const StreamName = 'orders';
const summary = async () =>
  (await kinesis.send(new DescribeStreamSummaryCommand({ StreamName }))).StreamDescriptionSummary;

/** Every record of the stream, with its key. */
async function records(): Promise<[key: string, data: string, shard: string][]> {
  const endpoint = {
    client: kinesis,
    clock: { toldMs: undefined },
    url: '',
    name: '',
    region: '',
    kind: 'local',
  } as const;
  const found: [string, string, string][] = [];
  await readStream({
    endpoint,
    stream: StreamName,
    start: { type: 'TRIM_HORIZON' },
    source: polling(endpoint, StreamName),
    follow: false,
    signal: new AbortController().signal,
    onPage: ({ shard, records: page }) => {
      found.push(
        ...page.map(
          ({ PartitionKey = '', Data }) =>
            [PartitionKey, Buffer.from(Data ?? []).toString(), shard.id] as [string, string, string],
        ),
      );
    },
  });
  return found;
}

describe.skipIf(hasNoBrowser)('the overview of a stream', () => {
  it('changes settings in place', async () => {
    const page = await openPage('streams/orders');

    await page.getByRole('button', { name: 'Change retention (hours)' }).click();
    await page.getByLabel('Retention (hours)').fill('48');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('48 h').waitFor();
    expect((await summary())?.RetentionPeriodHours).toBe(48);

    await page.getByRole('button', { name: 'Change retention (hours)' }).click();
    await page.getByLabel('Retention (hours)').fill('1');
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await page.getByRole('alert').textContent()).toMatch(/InvalidArgumentException|ValidationException/);
    expect((await summary())?.RetentionPeriodHours).toBe(48);
  });

  it('shows a transition while it lasts', async () => {
    const page = await openPage('streams/orders');

    await page.getByRole('button', { name: 'Change encryption key' }).click();
    await page.getByLabel('Encryption key').fill('alias/mine');
    await page.getByRole('button', { name: 'Save' }).click();

    await page.getByText('alias/mine').waitFor();
    await page.getByText('active', { exact: true }).waitFor();
    expect((await summary())?.EncryptionType).toBe('KMS');
  });

  it('adds tags and removes them', async () => {
    const page = await openPage('streams/orders');
    const tags = async () => (await kinesis.send(new ListTagsForStreamCommand({ StreamName }))).Tags;

    await page.getByLabel('Key of a new tag').fill('team');
    await page.getByLabel('Value of a new tag').fill('blue');
    await page.getByRole('button', { name: 'Add tag' }).click();
    await page.getByText('team=blue').waitFor();
    expect(await tags()).toEqual([{ Key: 'team', Value: 'blue' }]);

    await page.getByRole('button', { name: 'Remove tag team' }).click();
    await eventually(tags).toEqual([]);
  });

  it('keeps what is being typed while a tag is removed, and forgets an error with its form', async () => {
    const page = await openPage('streams/orders');
    await page.getByLabel('Key of a new tag').fill('old');
    await page.getByRole('button', { name: 'Add tag' }).click();
    const remove = page.getByRole('button', { name: 'Remove tag old' });
    await remove.waitFor();
    await page.getByLabel('Key of a new tag').fill('new');
    await remove.click();
    await remove.waitFor({ state: 'detached' });
    expect(await page.getByLabel('Key of a new tag').inputValue()).toBe('new');

    await page.getByRole('button', { name: 'Change retention (hours)' }).click();
    await page.getByLabel('Retention (hours)', { exact: true }).fill('1');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('has snippets with the real endpoint', async () => {
    const page = await openPage('streams/orders');

    for (const [language, word] of [
      ['CLI', 'put-record'],
      ['JavaScript', 'PutRecordCommand'],
      ['Python', 'boto3'],
      ['Java', 'putRecord'],
    ] as const) {
      await page.getByRole('button', { name: language, exact: true }).click();
      const code = await page.locator('pre').textContent();
      expect(code).toContain(server.endpoint);
      expect(code).toContain(word);
    }
  });
});

describe.skipIf(hasNoBrowser)('putting', () => {
  it('puts copies by a template, and tells where they went', async () => {
    const page = await openPage('streams/orders/put');

    await page.getByLabel('Partition key').fill('copy-{{i}}');
    await page.getByLabel('Data', { exact: true }).fill('{"n":{{i}},"r":{{random 5 5}}}');
    await page.getByLabel('Copies').fill('1200');
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await page.getByText('1,200 records put').waitFor();

    const put = (await records()).filter(([key]) => key.startsWith('copy-'));
    expect(put.map(([key, data]) => `${key} ${data}`).sort()).toEqual(
      Array.from({ length: 1_200 }, (_, index) => `copy-${index + 1} {"n":${index + 1},"r":5}`).sort(),
    );
    for (const shard of ['shardId-000000000000', 'shardId-000000000001']) {
      const count = put.filter(([, , id]) => id === shard).length;
      await page.getByRole('row', { name: `${shard} ${count}` }).waitFor();
    }
  });

  it('puts to the shard of an explicit hash key, and shows the same for the AWS CLI', async () => {
    const page = await openPage('streams/orders/put');

    await page.getByLabel('Partition key').fill("it's put there");
    await page.getByLabel('Explicit hash key').fill(`${2n ** 128n - 1n}`);
    await page.getByLabel('Data', { exact: true }).fill('there');
    const line = await page.locator('pre').textContent();
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await page.getByText('1 record put').waitFor();

    expect((await records()).filter(([, data]) => data === 'there')).toEqual([
      ["it's put there", 'there', 'shardId-000000000001'],
    ]);
    expect(line).toBe(
      `aws --region us-east-1 --endpoint-url ${server.endpoint} kinesis put-record --stream-name orders ` +
        `--partition-key 'it'\\''s put there' --explicit-hash-key ${2n ** 128n - 1n} --data dGhlcmU=`,
    );
  });

  it('tells of data that is no JSON although it begins so, and refuses what is no base64', async () => {
    const page = await openPage('streams/orders/put');

    await page.getByLabel('Data', { exact: true }).fill('{"a":1');
    await page.getByText(/No JSON/).waitFor();
    await page.getByLabel('Data', { exact: true }).fill('{"a":1}');
    await page.getByText('JSON', { exact: true }).waitFor();
    await page.getByLabel('Data is').selectOption('base64');
    await page.getByText('This is no base64.').waitFor();
    expect(await page.getByRole('button', { name: 'Put', exact: true }).isDisabled()).toBe(true);
  });

  it('puts the records of a file, and tells which line is none', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-files-'));
    const [stored, lines, broken] = ['stored', 'lines', 'broken'].map((name) =>
      path.join(folder, `${name}.ndjson`),
    ) as [string, string, string];
    const data = Buffer.from('from a file').toString('base64');
    await writeFile(stored, [1, 2, 3].map((n) => JSON.stringify({ partitionKey: `file-${n}`, data })).join('\n'));
    await writeFile(lines, 'line one\r\nline two\n\n');
    await writeFile(broken, `${JSON.stringify({ partitionKey: 'a', data })}\n{"partitionKey":"b"}\n`);
    const page = await openPage('streams/orders/put');
    const put = async (file: string) => {
      await page.getByLabel('File of lines').setInputFiles(file);
      await page.getByRole('button', { name: 'Put file' }).click();
    };

    await put(stored);
    await page.getByText('3 records put').waitFor();
    await page.getByLabel('Each line is').selectOption('data');
    await put(lines);
    await page.getByText('2 records put').waitFor();
    await page.getByLabel('Each line is').selectOption('stored');
    await put(broken);
    expect(await page.getByRole('alert').textContent()).toMatch(/line 2 is no record/);

    const all = await records();
    expect(all.filter(([key]) => key.startsWith('file-')).length).toBe(3);
    expect(all.map(([, text]) => text)).toEqual(expect.arrayContaining(['line one', 'line two']));
    await rm(folder, { recursive: true });
  });

  it('gives a download that an import takes, with the hash keys that records were put with', async () => {
    const shards = await listShards(kinesis, StreamName);
    const page = await openPage('streams/orders/records?start=TRIM_HORIZON&find=there&field=text');
    await page.getByText(', 1 shown').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);

    const [stored, ...rest] = (await readFile(await download.path(), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const shard = shards.find(({ id }) => id === 'shardId-000000000001');
    expect(rest).toEqual([]);
    expect(download.suggestedFilename()).toBe('orders.ndjson');
    expect(stored).toMatchObject({ partitionKey: "it's put there", data: 'dGhlcmU=', shard: shard?.id });
    // The hash key of the partition key is in the other shard.
    expect(createHash('md5').update("it's put there").digest('hex')).toMatch(/^[0-7]/);
    expect(stored.explicitHashKey).toBe(shard?.startingHashKey);
  });
});

describe.skipIf(hasNoBrowser)('the consumers of a stream', () => {
  it('are registered, watched and deregistered', async () => {
    const page = await openPage('streams/orders/consumers');
    await page.getByLabel('Name of a new consumer').fill('reader');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    const watch = page.getByRole('button', { name: 'Watch reader' });
    await eventually(() => watch.isEnabled()).toBe(true);

    await watch.click();
    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByText(/^Subscribed/).waitFor();
    const put = async () => {
      await kinesis.send(
        new PutRecordCommand({ StreamName, PartitionKey: 'a', ExplicitHashKey: '0', Data: Buffer.from('pushed') }),
      );
      return page.getByRole('region', { name: 'Watch reader' }).getByRole('row').allTextContents();
    };
    await eventually(async () => (await put()).some((row) => /1.*6 B/.test(row))).toBe(true);
    const lag = page
      .getByRole('region', { name: 'Lag by shard' })
      .getByRole('row', { name: /reader.*shardId-000000000000.*at the tip/ });
    await lag.waitFor();

    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Deregister reader…' }).click();
    await page.getByRole('button', { name: 'Deregister reader', exact: true }).click();
    await page.getByText('None is registered').waitFor();
    const StreamARN = (await summary())?.StreamARN;
    await expect(
      kinesis.send(new DescribeStreamConsumerCommand({ StreamARN, ConsumerName: 'reader' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe.skipIf(hasNoBrowser)('watching a consumer', () => {
  it('offers the shards that are open then, and goes on to name the one that is watched', async () => {
    const StreamName = 'watched';
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
    const active = () =>
      waitUntilStreamExists({ client: kinesis, minDelay: 0.05, maxDelay: 0.2, maxWaitTime: 300 }, { StreamName });
    await active();
    const split = async (ShardToSplit: string, NewStartingHashKey: bigint) => {
      await kinesis.send(
        new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey: `${NewStartingHashKey}` }),
      );
      await active();
    };
    const page = await openPage(`streams/${StreamName}/consumers`);
    await page.getByLabel('Name of a new consumer').fill('reader');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    const watch = page.getByRole('button', { name: 'Watch reader' });
    await eventually(() => watch.isEnabled()).toBe(true);

    // The number of open shards is the same in the end.
    await split('shardId-000000000000', 2n ** 126n);
    await kinesis.send(
      new MergeShardsCommand({
        StreamName,
        ShardToMerge: 'shardId-000000000003',
        AdjacentShardToMerge: 'shardId-000000000001',
      }),
    );
    await active();
    await watch.click();
    const shard = page.getByLabel('Shard', { exact: true });
    await eventually(() => shard.locator('option').allTextContents()).toEqual(['shard 2', 'shard 4']);

    await page.getByRole('button', { name: 'Subscribe' }).click();
    await page.getByText(/^Subscribed/).waitFor();
    await split('shardId-000000000002', 2n ** 125n);
    await page.getByText('Ended', { exact: true }).waitFor();
    await eventually(() => shard.locator('option').count()).toBe(4);
    expect(await shard.inputValue()).toBe('shardId-000000000002');
  });
});

describe.skipIf(hasNoBrowser)('the metrics of a stream', () => {
  it('are counted by the local server: records, bytes, latency, and what DynamoDB does', async () => {
    const page = await openPage('streams/orders/metrics');
    const value = async (title: string) => {
      await kinesis.send(new PutRecordCommand({ StreamName, PartitionKey: 'a', Data: Buffer.from('counted') }));
      return Number.parseFloat(
        (await page.locator('figure', { hasText: title }).locator('b').first().textContent()) ?? '',
      );
    };

    for (const title of ['Records a second', 'Bytes a second', 'Latency', 'DynamoDB units', 'DynamoDB calls']) {
      await eventually(() => value(title)).toBeGreaterThan(0);
    }
    expect(await page.locator('canvas').count()).toBe(7);
    expect(await page.getByRole('region', { name: 'Cost' }).textContent()).toMatch(/\$[\d.]+ a month/);
  });
});
