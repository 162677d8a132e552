import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListStreamsCommand,
  PutRecordsCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { clientOptions, hasNoBrowser, kinesis, newStream, openPage, server } from '../support/console-page.ts';

const streamNames = async () => (await kinesis.send(new ListStreamsCommand({}))).StreamNames;

describe.skipIf(hasNoBrowser)('the list of streams', () => {
  it('shows each stream with its status, mode, shards and retention', async () => {
    const page = await openPage();
    const line = page.getByRole('row', { name: /orders/ });

    await expect.poll(() => line.textContent(), { timeout: 60_000 }).toMatch(/orders.*active.*provisioned.*2.*24 h/);
  });

  it('shows the rate of a stream that gets records', async () => {
    const page = await openPage();
    const put = async () => {
      const Records = [{ PartitionKey: 'a', Data: Buffer.from('data') }];
      await kinesis.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
      return page.getByRole('img', { name: /records a second/ }).getAttribute('aria-label');
    };

    await expect.poll(put, { timeout: 60_000 }).not.toBe('0 records a second');
  });

  it('has streams of any name, also of one that means something to a script or a browser', async () => {
    for (const StreamName of ['constructor', '..', '__proto__']) {
      await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
    }
    const page = await openPage();
    await expect
      .poll(() => page.getByRole('row', { name: /constructor/ }).textContent(), { timeout: 60_000 })
      .toMatch(/constructor.*active/);

    await page.getByRole('link', { name: '..', exact: true }).click();
    await page.getByRole('heading', { name: '..', exact: true }).waitFor();
    await page.getByText('active', { exact: true }).waitFor();
    await page.reload();
    await page.getByText('active', { exact: true }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('..');
    for (const StreamName of ['constructor', '..', '__proto__']) {
      await waitUntilStreamExists({ client: kinesis, minDelay: 0.05, maxDelay: 0.2, maxWaitTime: 300 }, { StreamName });
      await kinesis.send(new DeleteStreamCommand({ StreamName }));
    }
    await expect.poll(streamNames, { timeout: 60_000 }).toEqual(['orders']);
  });

  it.each(['streams/%E0%A4%A', 'streams/%E0%A4%A/records', 'nothing/is/here'])(
    'says that there is nothing at %s, and goes on from there',
    async (address) => {
      const page = await openPage(address);
      await page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor();

      await page.getByRole('link', { name: 'All streams' }).click();
      await page.getByRole('link', { name: 'orders' }).waitFor();
    },
  );

  it('creates a stream, finds it by its name, and deletes it once its name is typed', async () => {
    const page = await openPage();

    await page.getByRole('button', { name: 'Create stream' }).click();
    await page.getByLabel('Name').fill('clicks');
    await page.getByRole('spinbutton', { name: 'Shards' }).fill('3');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'clicks', exact: true }).waitFor();
    await page.getByText('active', { exact: true }).waitFor();
    const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'clicks' }));
    expect(StreamDescriptionSummary?.OpenShardCount).toBe(3);

    await page.keyboard.press('u');
    await page.getByRole('link', { name: 'orders' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('click');
    await page.getByText('1 of 2').waitFor();
    expect(page.url()).toMatch(/find=click$/);
    await page.reload();
    expect(await page.getByRole('searchbox').inputValue()).toBe('click');

    await page.getByRole('button', { name: 'Delete clicks' }).click();
    const remove = page.getByRole('button', { name: 'Delete', exact: true });
    await page.getByLabel('Type the name of the stream').fill('click');
    expect(await remove.isDisabled()).toBe(true);
    await page.getByLabel('Type the name of the stream').fill('clicks');
    await remove.click();
    await expect.poll(streamNames, { timeout: 60_000 }).toEqual(['orders']);
  });

  it('tells why a stream cannot be created, in the words of the endpoint', async () => {
    const page = await openPage();

    await page.getByRole('link', { name: 'orders' }).waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('Name').fill('orders');
    await page.getByRole('button', { name: 'Create', exact: true }).click();

    expect(await page.getByRole('alert').textContent()).toMatch(/ResourceInUseException.*already exists/);
  });

  it('is gone through by j, k and Enter', async () => {
    const page = await openPage();

    await page.getByRole('link', { name: 'orders' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');

    await page.waitForURL(/\/streams\/orders$/);
  });

  it('keeps the chosen stream while others come before it, and in sight however long the list is', async () => {
    for (const tens of ['1', '2', '3']) {
      await Promise.all(['1', '2', '3', '4'].map((ones) => newStream(`list-${tens}${ones}`)));
    }
    const page = await openPage('?find=list-', { height: 300 });
    await page.getByRole('link', { name: 'list-34' }).waitFor();
    const chosen = page.locator('tr.selected');
    for (let press = 0; press < 10; press++) {
      await page.keyboard.press('j');
    }

    await expect.poll(() => chosen.locator('th').textContent(), { timeout: 60_000 }).toBe('list-33');
    const { y = -1, height = 0 } = (await chosen.boundingBox()) ?? {};
    expect(y + height / 2).toBeGreaterThan(0);
    expect(y + height / 2).toBeLessThan(300);
    await page.evaluate('scrollTo(0, 0)');
    await newStream('list-00');
    await page.getByRole('link', { name: 'list-00' }).waitFor();
    expect(await page.evaluate('scrollY')).toBe(0);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/streams\/list-33$/);
  });

  it('changes nothing while it is read-only', async () => {
    const page = await openPage();

    await page.getByLabel('Read-only').check();

    expect(await page.getByRole('button', { name: 'Create stream' }).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Delete orders' }).isDisabled()).toBe(true);
  });

  it('are those of the region that is chosen: its records too', async () => {
    const elsewhere = new KinesisClient({ ...clientOptions(), region: 'eu-west-1' });
    await elsewhere.send(
      new PutRecordsCommand({
        StreamName: 'orders',
        Records: [{ PartitionKey: 'a', Data: Buffer.from('over there') }],
      }),
    );
    elsewhere.destroy();
    const page = await openPage();
    await page.getByRole('link', { name: 'orders' }).waitFor();

    await page.getByLabel('Region').selectOption('eu-west-1');
    await page.getByRole('link', { name: 'orders' }).click();
    await page.getByRole('link', { name: 'Records' }).click();
    await page.getByLabel('From').selectOption('TRIM_HORIZON');

    await page.getByRole('gridcell', { name: 'over there' }).waitFor();
    await page.reload();
    await page.getByRole('gridcell', { name: 'over there' }).waitFor();
    expect(await page.getByLabel('Region').inputValue()).toBe('eu-west-1');
  });

  it('shows how the first record appears where there is no stream, and does it', async () => {
    await server.reset();
    for (const name of (await streamNames()) ?? []) {
      const page = await openPage();
      await page.getByRole('button', { name: `Delete ${name}` }).click();
      await page.getByLabel('Type the name of the stream').fill(name);
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
    }
    const page = await openPage();

    const lines = await page.locator('pre').textContent();
    expect(lines?.split('\n')).toEqual([
      `npx rivulet streams create example --shards 1 --endpoint ${server.endpoint}`,
      `npx rivulet put example hello --endpoint ${server.endpoint}`,
      `npx rivulet tail example --since 10m --endpoint ${server.endpoint}`,
    ]);
    await page.getByRole('button', { name: 'Or do it here' }).click();
    await page.getByRole('gridcell', { name: '{"hello":"world"}' }).waitFor();
  });
});
