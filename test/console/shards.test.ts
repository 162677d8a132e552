import { ListShardsCommand, PutRecordCommand, type Shard } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { consoleServer, eventually, hasNoBrowser, kinesis, newStream, openPage } from '../support/console-page.ts';

const shardsOf = async (StreamName: string): Promise<Shard[]> =>
  (await kinesis.send(new ListShardsCommand({ StreamName }))).Shards ?? [];

const openShards = async (stream: string): Promise<Shard[]> =>
  (await shardsOf(stream)).filter(({ SequenceNumberRange }) => SequenceNumberRange?.EndingSequenceNumber === undefined);

describe.skipIf(hasNoBrowser)('the shard map', () => {
  it('tells which shard has a key: the one that a put of it goes to', async () => {
    await newStream('keys', 5);
    const page = await openPage('streams/keys/shards');

    for (const PartitionKey of ['a', 'order-17', 'ключ', '']) {
      await page.getByLabel('Which shard has this key?').fill(PartitionKey);
      if (PartitionKey !== '') {
        const { ShardId } = await kinesis.send(
          new PutRecordCommand({ StreamName: 'keys', PartitionKey, Data: Buffer.from('data') }),
        );
        await eventually(() => page.locator('output').textContent()).toContain(ShardId);
      } else {
        await eventually(() => page.locator('output').textContent()).toBe('');
      }
    }
  });

  it('splits a shard where the cut is dragged to', async () => {
    await newStream('dragged', 2);
    const page = await openPage('streams/dragged/shards');
    await page.getByRole('option', { name: /shardId-000000000001/ }).click();
    const cut = page.locator('[data-cut]');
    const handle = await cut.boundingBox();
    const map = await page.locator('.shard-picture').boundingBox();
    if (handle === null || map === null) {
      throw new Error('nothing is drawn');
    }

    // The second shard is the right half: 80 percent of the width is 60 percent of it.
    await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
    await page.mouse.down();
    await page.mouse.move(map.x + map.width * 0.7, handle.y + 5, { steps: 4 });
    await page.mouse.move(map.x + map.width * 0.8, handle.y + 5, { steps: 4 });
    await page.mouse.up();
    await eventually(() => page.getByText('60.0 %').count()).toBe(1);
    await page.getByRole('button', { name: 'Split' }).click();

    await eventually(async () => (await openShards('dragged')).length).toBe(3);
    const starts = (await openShards('dragged')).map(
      ({ HashKeyRange }) => Number(HashKeyRange?.StartingHashKey) / 2 ** 128,
    );
    expect(starts.sort()[2]).toBeCloseTo(0.8, 3);
    await page.getByRole('option', { name: /shardId-000000000003, open/ }).waitFor();
    await page.getByRole('option', { name: /shardId-000000000001, closed/ }).waitFor();
  });

  it('merges neighbours, by the keyboard alone', async () => {
    await newStream('merged', 3);
    const page = await openPage('streams/merged/shards');
    await page.getByRole('option').first().waitFor();

    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'shardId-000000000001' }).waitFor();
    await page.getByRole('button', { name: 'Merge with the right neighbour' }).press('Enter');

    await eventually(async () => (await openShards('merged')).map(({ ShardId }) => ShardId)).toEqual([
      'shardId-000000000000',
      'shardId-000000000003',
    ]);
    const child = (await openShards('merged'))[1];
    expect([child?.ParentShardId, child?.AdjacentParentShardId]).toEqual([
      'shardId-000000000001',
      'shardId-000000000002',
    ]);
  });

  it('rescales, and shows before what will be', async () => {
    await newStream('rescaled', 2);
    const page = await openPage('streams/rescaled/shards');
    const target = page.getByLabel('Shards', { exact: true }).and(page.getByRole('spinbutton'));
    const button = page.getByRole('button', { name: 'Rescale' });

    await target.fill('5');
    expect(await button.isDisabled()).toBe(true);
    await target.fill('4');
    await page.getByRole('img', { name: '4 equal shards' }).waitFor();
    await button.click();

    await eventually(async () => (await openShards('rescaled')).length).toBe(4);
  });

  it('does not come back when an answer comes after it was left meanwhile', async () => {
    await newStream('left', 2);
    await newStream('other', 1);
    const elsewhere = 'streams/other/shards?shard=shardId-000000000000';
    const page = await openPage(elsewhere);
    await page.getByRole('link', { name: 'Streams', exact: true }).click();
    await page.getByRole('link', { name: 'left' }).click();
    await page.getByRole('link', { name: 'Shards', exact: true }).click();
    await page.getByRole('option', { name: 'shardId-000000000000' }).click();
    let goOn: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.context().route('**/api/call/SplitShard', async (route) => {
      await held;
      await route.continue();
    });
    const answered = page.waitForResponse('**/api/call/SplitShard');
    await page.getByRole('button', { name: 'Split' }).click();
    // There, a shard with the same name is looked at.
    for (let steps = 0; steps < 3; steps++) {
      await page.goBack();
    }
    await page.getByRole('heading', { name: 'other' }).waitFor();
    await page.getByRole('button', { name: 'Split' }).waitFor();

    goOn();
    await answered;
    await eventually(() => openShards('left').then(({ length }) => length)).toBe(3);
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
    expect(page.url()).toBe(`${consoleServer.address}${elsewhere}`);
  });

  it('is an error in its place where it cannot be drawn, and the rest of the page stays', async () => {
    await newStream('broken', 1);
    const page = await openPage('streams/broken');
    await page
      .context()
      .route('**/api/call/ListShards', (route) =>
        route.fulfill({ json: { Shards: [{ ShardId: 'shardId-000000000000' }] } }),
      );
    await page.getByRole('link', { name: 'Shards', exact: true }).click();

    await page.getByRole('alert').waitFor();
    await page.getByRole('link', { name: 'Put', exact: true }).click();
    await page.getByRole('heading', { name: 'Write' }).waitFor();
    await page.getByRole('link', { name: 'Streams' }).click();
    await page.getByRole('link', { name: 'broken' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('draws a stream of a thousand shards, of which each can be chosen', async () => {
    await newStream('thousand', 1_000);
    const page = await openPage('streams/thousand/shards');

    await eventually(() => page.getByRole('option').count()).toBe(1_000);
    await page.getByLabel('Which shard has this key?').fill('a');
    await page.locator('output button').click();
    await page.getByRole('button', { name: 'Split' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Split' }).waitFor();
    expect(await page.getByLabel('Which shard has this key?').inputValue()).toBe('a');
    expect(await page.locator('*').count()).toBeLessThan(3_000);
  });
});
