import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { eventually, hasNoBrowser, kinesis, newStream, openPage, server } from '../support/console-page.ts';

/** Holds the next call of an operation back. */
async function held(page: Page, operation: string) {
  const [came, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await page.context().route(`**/api/call/${operation}`, async (route) => {
    came.resolve();
    await goOn.promise;
    await route.continue();
  });
  return { came: came.promise, goOn: goOn.resolve };
}

/** How many records a shard has. */
async function stored(StreamName: string, ShardId = 'shardId-000000000000'): Promise<number> {
  const start = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(start));
  return (await kinesis.send(new GetRecordsCommand({ ShardIterator }))).Records?.length ?? 0;
}

const screen = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click();

describe.skipIf(hasNoBrowser)('the page keeps', () => {
  it('what is typed into the filter while what was typed before takes effect', async () => {
    const page = await openPage(`streams/${await newStream('typed')}/records`);
    await page.getByLabel('Filter', { exact: true }).waitFor();

    await page.evaluate(`{
      const field = document.querySelector('[data-find]');
      const type = (text) => {
        field.value = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
      };
      const replace = history.replaceState.bind(history);
      history.replaceState = (...place) => {
        replace(...place);
        history.replaceState = replace;
        type('ab');
      };
      type('a');
    }`);

    await page.waitForURL(/find=ab/);
    expect(await page.getByLabel('Filter', { exact: true }).inputValue()).toBe('ab');
  });

  it('a put going while other screens are looked at, and what was written', async () => {
    const stream = await newStream('going-on');
    const page = await openPage(`streams/${stream}/put`);
    const { came, goOn } = await held(page, 'PutRecords');
    await page.getByLabel('Data', { exact: true }).fill('mine');
    await page.getByLabel('Copies').fill('900');
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await came;
    await screen(page, 'Metrics');
    await page.getByRole('heading', { name: 'Throttles' }).waitFor();
    goOn();

    await eventually(() => stored(stream)).toBe(900);
    await screen(page, 'Put');
    await page.getByText('900 records put').waitFor();
    expect(await page.getByLabel('Data', { exact: true }).inputValue()).toBe('mine');
  });

  it('a put in the region that it was begun in, although another one is chosen meanwhile', async () => {
    const page = await openPage(`streams/${await newStream('one-region')}/put`);
    const regions: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/PutRecords')) {
        regions.push(request.headers()['x-rivulet-region']);
      }
    });
    page.on('dialog', (dialog) => dialog.dismiss());
    const { came, goOn } = await held(page, 'PutRecords');
    await page.getByLabel('Copies').fill('900');
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await came;
    await page.evaluate("sessionStorage.setItem('rivulet.region', 'eu-west-1')");
    goOn();

    await page.getByText('900 records put').waitFor();
    expect(regions).toEqual([undefined, undefined]);
  });

  it('count of what a put has stored when it is stopped', async () => {
    const stream = await newStream('stopped');
    const page = await openPage(`streams/${stream}/put`);
    const { came, goOn } = await held(page, 'PutRecords');
    await page.getByLabel('Copies').fill('900');
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await came;
    await page.getByRole('button', { name: 'Stop' }).click();
    goOn();

    await page.getByText('500 records put').waitFor();
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
    expect(await stored(stream)).toBe(500);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('the shard of a record that is put again', async () => {
    const stream = await newStream('same-shard', 2);
    const record = { StreamName: stream, PartitionKey: 'a', Data: Buffer.from('data') };
    const { ShardId: byKey } = await kinesis.send(new PutRecordCommand(record));
    const [ExplicitHashKey, other] =
      byKey === 'shardId-000000000000' ? [`${2n ** 128n - 1n}`, 'shardId-000000000001'] : ['0', 'shardId-000000000000'];
    const { SequenceNumber } = await kinesis.send(new PutRecordCommand({ ...record, ExplicitHashKey }));
    const page = await openPage(`streams/${stream}/records?record=${other}:${SequenceNumber}`);

    await page.getByRole('button', { name: 'Put again' }).click();
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await page.getByText('1 record put').waitFor();
    expect(await stored(stream, other)).toBe(2);
  });

  it('what was written before for a stream while one of its records is put again', async () => {
    const stream = await newStream('draft');
    await kinesis.send(new PutRecordCommand({ StreamName: stream, PartitionKey: 'a', Data: Buffer.from('old') }));
    const page = await openPage(`streams/${stream}/put`);
    const data = page.getByLabel('Data', { exact: true });
    await data.fill('mine');
    await screen(page, 'Records');
    await page.locator('.row', { has: page.getByText('old') }).click();
    await page.getByRole('button', { name: 'Put again' }).click();
    await page.waitForURL(/put$/);
    expect(await data.inputValue()).toBe('old');
    await screen(page, 'Records');
    await screen(page, 'Put');
    expect(await data.inputValue()).toBe('mine');
  });

  it('the cut and the number that were chosen while somebody else splits a shard', async () => {
    const stream = await newStream('cut', 2);
    const page = await openPage(`streams/${stream}/shards?shard=shardId-000000000000`);
    const cut = page.getByRole('slider');
    const target = page.getByLabel('Shards', { exact: true }).and(page.getByRole('spinbutton'));
    await cut.fill('0.3');
    await target.fill('4');
    await target.focus();

    const split = { ShardToSplit: 'shardId-000000000001', NewStartingHashKey: `${3n * 2n ** 126n}` };
    await kinesis.send(new SplitShardCommand({ StreamName: stream, ...split }));
    await page.getByRole('option', { name: /shardId-000000000003, open/ }).waitFor();
    expect([await cut.inputValue(), await target.inputValue()]).toEqual(['0.3', '4']);
    expect(await page.evaluate(`document.activeElement.type`)).toBe('number');
  });

  it('a dialog open when a selection of its text ends beside it', async () => {
    const page = await openPage();
    await page.getByRole('button', { name: 'Create stream' }).click();
    const name = page.getByLabel('Name');
    await name.fill('half-typed');
    const { x = 0, y = 0 } = (await name.boundingBox()) ?? {};

    await page.mouse.move(x + 40, y + 10);
    await page.mouse.down();
    await page.mouse.move(5, 5);
    await page.mouse.up();
    expect(await name.inputValue()).toBe('half-typed');
    await page.mouse.click(5, 5);
    await name.waitFor({ state: 'detached' });
  });

  it('to a pause that is taken back at once', async () => {
    const stream = await newStream('twice');
    const page = await openPage(`streams/${stream}/records`);
    const reading = page.locator('[data-phase="reading"]');
    await reading.waitFor();

    await page.evaluate(`for (let time = 0; time < 2; time++) {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: ' ', bubbles: true }));
    }`);
    await kinesis.send(new PutRecordCommand({ StreamName: stream, PartitionKey: 'a', Data: Buffer.from('after') }));
    await page.getByRole('gridcell', { name: 'after' }).waitFor();
    expect(await reading.count()).toBe(1);
  });

  it('to the moment of an address, wherever it is opened', async () => {
    const stream = await newStream('moments');
    const page = await openPage(`streams/${stream}/records`);
    await page.getByLabel('live').uncheck();
    await page.getByText('Read to the end').waitFor();
    await page.getByLabel('From').selectOption('time');
    await page.getByText('Say where to start.').waitFor();
    expect(await page.getByRole('grid').count()).toBe(0);

    await page.getByLabel('Time', { exact: true }).fill('2026-11-30T12:34:56');
    await page.waitForURL(/value=2026-\d\d-\d\dT\d\d%3A\d\d%3A56\.000Z/);
    await page.reload();
    expect(await page.getByLabel('Time', { exact: true }).inputValue()).toBe('2026-11-30T12:34:56');
  });

  it('what is typed into a time, wherever it is', async () => {
    const stream = await newStream('zones');
    const page = await openPage(`streams/${stream}/records?start=time&value=2026-06-30T10:00:00.000Z`, {
      timezoneId: 'Europe/Berlin',
    });
    const time = page.getByLabel('Time', { exact: true });
    expect(await time.inputValue()).toBe('2026-06-30T12:00');

    // Each digit of a year is a time of its own, and some of these had offsets with seconds.
    for (const year of ['0002', '0020', '0202', '2025']) {
      await time.fill(`${year}-11-25T17:30:05`);
      await page.waitForURL(new RegExp(`value=${year}-11-25`));
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
      expect(await time.inputValue()).toBe(`${year}-11-25T17:30:05`);
    }
    await page.waitForURL(/value=2025-11-25T16%3A30%3A05\.000Z/);
  });

  it('its keys while a box has been ticked', async () => {
    const page = await openPage();
    await page.getByLabel('Read-only').click();

    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  });

  it('a way to what could not be read at first', async () => {
    const stream = await newStream('once-more');
    const { SequenceNumber } = await kinesis.send(
      new PutRecordCommand({ StreamName: stream, PartitionKey: 'a', Data: Buffer.from('found') }),
    );
    const page = await openPage('');
    let isBroken = true;
    await page
      .context()
      .route('**/api/call/GetShardIterator', (route) =>
        isBroken
          ? route.fulfill({ status: 500, json: { __type: 'InternalFailure', message: 'broken' } })
          : route.continue(),
      );
    await page.goto(
      new URL(`streams/${stream}/records?record=shardId-000000000000:${SequenceNumber}`, page.url()).href,
    );
    await page.getByRole('alert').getByText('broken').waitFor();
    isBroken = false;

    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('dialog', { name: 'Record' }).getByText('found', { exact: true }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('its hands off where the user has switched it to read-only, in forms that were open too, and in other tabs', async () => {
    const stream = await newStream('fixed');
    const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`;
    await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'reader' }));
    const page = await openPage(`streams/${stream}`);
    const other = await page.context().newPage();
    await other.goto(new URL(`/streams/${stream}/consumers`, page.url()).href);
    await other.getByRole('button', { name: 'Deregister reader…' }).click();
    await other.getByRole('button', { name: 'Watch reader' }).click();
    await page.getByRole('button', { name: 'Change retention (hours)' }).click();
    await page.getByLabel('Retention (hours)').fill('48');

    await page.getByLabel('Read-only').check();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await eventually(() => other.getByLabel('Read-only').isChecked()).toBe(true);
    expect(await other.getByRole('button', { name: 'Deregister reader', exact: true }).isDisabled()).toBe(true);
    expect(await other.getByRole('button', { name: 'Subscribe' }).isDisabled()).toBe(true);
    await page.getByLabel('Read-only').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('48 h').waitFor();
  });

  it('its hands off a put that goes on when it is switched to read-only', async () => {
    const stream = await newStream('cut-off');
    const page = await openPage(`streams/${stream}/put`);
    const { came, goOn } = await held(page, 'PutRecords');
    await page.getByLabel('Copies').fill('900');
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await came;
    await page.getByLabel('Read-only').check();
    goOn();

    await page.getByRole('alert').getByText('switched to read-only').waitFor();
    expect(await stored(stream)).toBe(500);
  });
});

describe.skipIf(hasNoBrowser)('the first stream', () => {
  it('is shown once its record is there, and nowhere else once its screen was left', async () => {
    await server.reset();
    const page = await openPage('streams/orders');
    const remove = await page.context().newPage();
    await remove.goto(new URL('/', page.url()).href);
    await remove.getByRole('button', { name: 'Delete orders' }).click();
    await remove.getByLabel('Type the name of the stream').fill('orders');
    await remove.getByRole('button', { name: 'Delete', exact: true }).click();
    await remove.getByRole('button', { name: 'Or do it here' }).waitFor();
    await remove.close();
    await page.getByRole('link', { name: 'Streams', exact: true }).click();
    const { came, goOn } = await held(page, 'PutRecords');

    await page.getByRole('button', { name: 'Or do it here' }).click();
    await came;
    // The list is looked at again meanwhile, and has the stream.
    await page.waitForResponse('**/api/call/ListStreams');
    await page.getByRole('button', { name: 'Creating…' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'orders' }).waitFor();
    goOn();
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
    expect(new URL(page.url()).pathname).toBe('/streams/orders');
  });
});
