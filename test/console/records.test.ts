import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import {
  DescribeStreamSummaryCommand,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { encode } from 'cborg';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { readStoredLine } from '../../client/records/stored-line.ts';
import { aggregate } from '../support/aggregate.ts';
import { eventually, hasNoBrowser, keepPicture, kinesis, newStream, openPage } from '../support/console-page.ts';
import { until } from '../support/until.ts';

const put = async (StreamName: string, PartitionKey: string, data: string | Uint8Array) =>
  kinesis.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(data) }));

const fromOldest = (stream: string, more = '') => `streams/${stream}/records?start=TRIM_HORIZON${more}`;

/** How many records the page has read. */
const total = async (page: Page): Promise<number> => {
  const words = (await page.locator('.reading').textContent()) ?? '';
  return Number(/([\d,]+) records?/.exec(words)?.[1]?.replaceAll(',', '') ?? 0);
};

/** Everything that a download has. */
async function downloaded(page: Page): Promise<ReturnType<typeof readStoredLine>[]> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line, index) => readStoredLine({ bytes: Buffer.from(line), number: index + 1 }));
}

describe.skipIf(hasNoBrowser)('the records of a stream', () => {
  it('come live through a split: each once, and those of a key in their order', async () => {
    const stream = await newStream('split-live');
    const page = await openPage(`streams/${stream}/records`);
    await page.locator('[data-phase="reading"]').waitFor();
    const KEYS = ['a', 'b', 'c', 'd'];
    let count = 0;
    const putRound = async () => {
      count += 1;
      const Records = KEYS.map((PartitionKey) => ({ PartitionKey, Data: Buffer.from(`${count}`) }));
      await kinesis.send(new PutRecordsCommand({ StreamName: stream, Records }));
    };

    await putRound();
    await eventually(() => total(page)).toBe(KEYS.length);
    await kinesis.send(
      new SplitShardCommand({ StreamName: stream, ShardToSplit: '0', NewStartingHashKey: `${2n ** 127n}` }),
    );
    await until(async () => {
      await putRound();
      const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
      return StreamDescriptionSummary?.StreamStatus === 'ACTIVE';
    });
    await putRound();
    await eventually(() => total(page)).toBe(KEYS.length * count);

    const records = await downloaded(page);
    for (const key of KEYS) {
      const ofKey = records.filter(({ partitionKey }) => partitionKey === key);
      expect(ofKey.map(({ data }) => Number(Buffer.from(data, 'base64')))).toEqual(
        Array.from({ length: count }, (_, index) => index + 1),
      );
    }
  });

  it('wait while it is paused, and none is lost', async () => {
    const stream = await newStream('paused');
    await put(stream, 'a', 'before');
    const page = await openPage(fromOldest(stream));
    await eventually(() => total(page)).toBe(1);

    await page.keyboard.press(' ');
    await page.locator('[data-phase="paused"]').waitFor();
    for (let number = 0; number < 20; number++) {
      await put(stream, 'a', `${number}`);
    }
    const other = await openPage(fromOldest(stream));
    await eventually(() => total(other)).toBe(21);
    expect(await total(page)).toBe(1);
    await page.keyboard.press(' ');
    await page.locator('[data-phase="reading"]').waitFor();

    await eventually(() => total(page)).toBe(21);
  });

  it('wait from the beginning, where it is paused while it opens', async () => {
    const stream = await newStream('paused-early');
    await put(stream, 'a', 'one');
    const page = await openPage('streams/paused-early');
    // The answer of the console is held back until the pause is asked for.
    let goOn: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.context().route('**/api/tail', async (route) => {
      await held;
      await route.continue();
    });
    await page.getByRole('link', { name: 'Records' }).click();
    await page.getByLabel('From').selectOption('TRIM_HORIZON');
    await page.getByRole('heading', { level: 1 }).click();

    await page.keyboard.press(' ');
    goOn();
    await page.locator('[data-phase="paused"]').waitFor();
    expect(await total(page)).toBe(0);
    await page.keyboard.press(' ');
    await eventually(() => total(page)).toBe(1);
  });

  it('are found by text, by partition key and by a JSON path', async () => {
    const stream = await newStream('found');
    await put(stream, 'anna', '{"order":{"total":50},"note":"first"}');
    await put(stream, 'bert', '{"order":{"total":150},"note":"second"}');
    await put(stream, 'carl', gzipSync('{"order":{"total":250},"note":"third"}'));
    await put(stream, 'dora', 'no JSON');
    const page = await openPage(fromOldest(stream));
    await eventually(() => total(page)).toBe(4);
    const keys = () => page.locator('.row .key').allTextContents();
    const find = async (field: string, text: string) => {
      await page.getByLabel('Filter by').selectOption(field);
      await page.getByRole('searchbox', { name: 'Filter' }).fill(text);
    };

    await find('text', 'SECOND');
    await eventually(keys).toEqual(['bert']);
    await find('key', 'an');
    await eventually(keys).toEqual(['anna']);
    await find('path', '$.order.total > 100');
    await eventually(keys).toEqual(['carl', 'bert']);
    await find('path', '$.note ~ FIR');
    await eventually(keys).toEqual(['anna']);
    await find('path', '$.[');
    await eventually(() => page.getByRole('alert').textContent()).toMatch(/no JSON path/);
    await find('text', 'nothing has this');
    await page.getByText('No record passes the filter.').waitFor();
  });

  it('are opened: JSON, CBOR, gzip, bytes, and what a producer has packed', async () => {
    const stream = await newStream('opened');
    await put(stream, 'json', '{"id":12345678901234567890,"list":[1,2]}');
    await put(stream, 'cbor', encode({ temperature: 21 }));
    await put(stream, 'zipped', gzipSync('{"inside":"gzip"}'));
    await put(stream, 'bytes', Uint8Array.from([0, 1, 2, 255]));
    await put(
      stream,
      'kpl',
      aggregate([
        { key: 'one', data: 'first' },
        { key: 'two', data: '{"second":2}' },
      ]),
    );
    const page = await openPage(fromOldest(stream));
    const drawer = page.getByRole('dialog', { name: 'Record' });
    const open = async (key: string) => {
      await page.locator('.row', { has: page.getByText(key, { exact: true }) }).click();
      await drawer.waitFor();
      return (await drawer.textContent()) ?? '';
    };
    const close = async () => {
      await page.keyboard.press('Escape');
      await drawer.waitFor({ state: 'detached' });
    };
    await eventually(() => total(page)).toBe(5);

    expect(await open('json')).toContain('12345678901234567890');
    await close();
    expect(await open('cbor')).toMatch(/CBOR.*temperature: 21/);
    await close();
    expect(await open('zipped')).toMatch(/gzip: .* became .*inside: "gzip"/);
    await close();
    expect(await open('bytes')).toContain('00 01 02 ff');
    await close();
    expect(await open('kpl')).toMatch(/2 records/);
    await drawer.getByRole('combobox').selectOption('1');
    await eventually(() => drawer.textContent()).toMatch(/second: 2/);
    await keepPicture(page, 'drawer');
  });

  it('have addresses: one opens the same record in another browser', async () => {
    const stream = await newStream('linked');
    await put(stream, 'a', 'one');
    await put(stream, 'b', 'two');
    const page = await openPage(fromOldest(stream));
    await page.locator('.row', { has: page.getByText('one', { exact: true }) }).click();
    await page.getByRole('dialog', { name: 'Record' }).getByText('one', { exact: true }).waitFor();
    await page.waitForURL(/record=/);

    const other = await openPage(page.url().split('/').slice(3).join('/'));

    const drawer = other.getByRole('dialog', { name: 'Record' });
    await drawer.getByText('one', { exact: true }).waitFor();
    await other.reload();
    await drawer.getByText('one', { exact: true }).waitFor();
  });

  it('are put again as they are', async () => {
    const stream = await newStream('again');
    const data = Uint8Array.from([0, 200, 13, 10]);
    await put(stream, 'k{{i}}', data);
    const page = await openPage(fromOldest(stream));
    await page.locator('.row .key').click();
    await page.getByRole('button', { name: 'Put again' }).click();
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await page.getByText('1 record put').waitFor();

    await page.getByRole('link', { name: 'Records' }).click();
    await page.getByLabel('From').selectOption('TRIM_HORIZON');
    await eventually(() => total(page)).toBe(2);
    const records = await downloaded(page);
    expect(records.map((record) => [record.partitionKey, ...Buffer.from(record.data, 'base64')])).toEqual([
      ['k{{i}}', ...data],
      ['k{{i}}', ...data],
    ]);
  });

  it('start at a sequence number, and after one', async () => {
    const stream = await newStream('numbered');
    await put(stream, 'a', 'one');
    const { SequenceNumber = '' } = await put(stream, 'a', 'two');
    await put(stream, 'a', 'three');
    const texts = (page: Page) => () => page.locator('.row .preview-text').allTextContents();
    const shard = '&shards=shardId-000000000000';

    const at = await openPage(`streams/${stream}/records?start=at&value=${SequenceNumber}${shard}`);
    await eventually(texts(at)).toEqual(['three', 'two']);
    const after = await openPage(`streams/${stream}/records?start=after&value=${SequenceNumber}${shard}`);
    await eventually(texts(after)).toEqual(['three']);
    const without = await openPage(`streams/${stream}/records?start=at&value=${SequenceNumber}`);
    await eventually(() => without.getByRole('alert').textContent()).toMatch(/of one shard/);
  });

  it('are text, whatever they hold', async () => {
    const stream = await newStream('malicious');
    const attacks = [
      '<img src=x onerror="window.attacked=1">',
      '<script>window.attacked=1</script>',
      '{"<b onclick=attacked()>":"<iframe src=javascript:window.attacked=1>"}',
      '\u202egnp.exe\u0000\u001b[2J',
      `${'['.repeat(20_000)}`,
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    ];
    for (const attack of attacks) {
      await put(stream, attack.slice(0, 200), attack);
    }
    await put(stream, 'bomb', gzipSync(Buffer.alloc(40 * 1024 * 1024)));
    await put(stream, 'broken', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), Buffer.from('no gzip at all')]));
    await put(stream, 'large', `{"large":"${'x'.repeat(1_000_000)}"}`);
    await put(stream, 'deep', Buffer.from(`${'81'.repeat(30_000)}00`, 'hex'));
    const page = await openPage(fromOldest(stream));
    const drawer = page.getByRole('dialog', { name: 'Record' });
    await eventually(() => total(page)).toBe(attacks.length + 4);

    for (let row = 2; row < 2 + attacks.length + 4; row++) {
      await page.locator(`.row[aria-rowindex="${row}"]`).click();
      await drawer.waitFor();
      for (const view of await drawer.locator('.choices button').all()) {
        await view.click();
      }
      await page.keyboard.press('Escape');
      await drawer.waitFor({ state: 'detached' });
    }

    expect(await page.evaluate('window.attacked === undefined && ({}).polluted === undefined')).toBe(true);
    expect(await page.locator('main img, main iframe, main script, main b[onclick]').count()).toBe(0);
  });

  it('are many, and the table stays small', async () => {
    const stream = await newStream('many', 4);
    const page = await openPage(`streams/${stream}/records`);
    await page.locator('[data-phase="reading"]').waitFor();
    for (let batch = 0; batch < 40; batch++) {
      const Records = Array.from({ length: 500 }, (_, index) => ({
        PartitionKey: `${batch}-${index}`,
        Data: Buffer.from(`{"number":${batch * 500 + index}}`),
      }));
      await kinesis.send(new PutRecordsCommand({ StreamName: stream, Records }));
    }
    await eventually(() => total(page)).toBe(20_000);

    expect(await page.locator('.row').count()).toBeLessThan(60);
    await page.locator('.rows-scroll').evaluate((element) => {
      element.scrollTop = element.scrollHeight;
    });
    await eventually(() => page.locator('.row[aria-rowindex="20001"] .key').textContent()).toMatch(/^\d+-\d+$/);

    // A row is clicked as soon as it is drawn, before what it shows has come.
    await page.evaluate(`new Promise((resolve) => {
      document.querySelector('.rows-scroll').scrollTop = 100_000;
      const look = () => {
        const row = [...document.querySelectorAll('.row')].find(({ ariaRowIndex }) => Math.abs(ariaRowIndex - 3_580) < 10);
        row === undefined ? requestAnimationFrame(look) : resolve(row.click());
      };
      look();
    })`);
    await page.getByRole('dialog', { name: 'Record' }).waitFor();
  });

  it('are found by what is typed, and by what is chosen while it is still typed', async () => {
    const stream = await newStream('typed');
    await put(stream, 'anna', 'bert');
    await put(stream, 'bert', 'anna');
    const page = await openPage(fromOldest(stream));
    await eventually(() => total(page)).toBe(2);

    // At once after the typing is drawn: the page still waits for more of it.
    await page.evaluate(`(async () => {
      const [field, text] = ['Filter by', 'Filter'].map((label) => document.querySelector('[aria-label="' + label + '"]'));
      text.value = 'anna';
      text.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      field.value = 'key';
      field.dispatchEvent(new Event('change', { bubbles: true }));
    })()`);

    await page.waitForURL(/find=anna/);
    expect(new URL(page.url()).searchParams.get('field')).toBe('key');
    await eventually(() => page.locator('.row .key').allTextContents()).toEqual(['anna']);
  });

  it('stay selected while others come and filters hide them', async () => {
    const stream = await newStream('selected');
    const page = await openPage(fromOldest(stream));
    for (const key of ['first', 'second', 'third']) {
      await put(stream, key, key === 'second' ? 'even' : 'odd');
    }
    await eventually(() => total(page)).toBe(3);
    const selected = () => page.locator('.row[aria-selected="true"] .key').allTextContents();
    const filter = page.getByRole('searchbox', { name: 'Filter' });

    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await eventually(selected).toEqual(['second']);
    for (let number = 0; number < 5; number++) {
      await put(stream, `more-${number}`, 'even');
    }
    await eventually(() => total(page)).toBe(8);
    await eventually(selected).toEqual(['second']);
    await filter.fill('odd');
    await page.getByText(', 2 shown').waitFor();
    expect(await selected()).toEqual([]);
    await filter.fill('nothing has this');
    await page.getByText('No record passes the filter.').waitFor();
    await filter.fill('even');
    await page.getByText(', 6 shown').waitFor();
    await eventually(selected).toEqual(['second']);
    await filter.fill('odd');
    await page.getByText(', 2 shown').waitFor();
    await filter.blur();
    await page.keyboard.press('j');
    await eventually(selected).toEqual(['first']);
  });

  it('stay where they are scrolled to while others come, although one is selected', async () => {
    const stream = await newStream('scrolled');
    const batch = (count: number) =>
      kinesis.send(
        new PutRecordsCommand({
          StreamName: stream,
          Records: Array.from({ length: count }, (_, at) => ({ PartitionKey: `${at}`, Data: Buffer.from('data') })),
        }),
      );
    await batch(300);
    const page = await openPage(fromOldest(stream));
    await eventually(() => total(page)).toBe(300);
    const table = page.locator('.rows-scroll');
    const scrolledTo = () => table.evaluate((element) => element.scrollTop);

    await page.keyboard.press('j');
    await eventually(() => page.locator('.row[aria-selected="true"]').count()).toBe(1);
    await table.evaluate((element) => {
      element.scrollTop = 4_000;
    });
    for (let more = 1; more <= 3; more++) {
      await batch(1);
      await eventually(() => total(page)).toBe(300 + more);
    }
    expect(await scrolledTo()).toBe(4_000);
    await page.keyboard.press('k');
    await eventually(scrolledTo).toBeLessThan(200);
  });

  it('are read again and again by one tab, however wide the stream is', async () => {
    const stream = await newStream('again-and-again', 60);
    await put(stream, 'a', 'one');
    const page = await openPage(fromOldest(stream));
    await eventually(() => total(page)).toBe(1);

    for (let time = 0; time < 12; time++) {
      await page.getByRole('button', { name: 'Read again' }).click();
    }
    await page.locator('[data-phase="reading"]').waitFor();
    await eventually(() => total(page)).toBe(1);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('are chosen at any way to write their address', async () => {
    const stream = await newStream('escaped');
    await put(stream, 'a', 'one');
    const page = await openPage('streams/%65scaped/records/?start=TRIM_HORIZON');
    await eventually(() => total(page)).toBe(1);

    await page.getByLabel('Filter by').selectOption('key');
    await page.waitForURL(/streams\/escaped\/records.*field=key/);
  });

  it('are those of the address, although an answer for an earlier one comes later', async () => {
    const stream = await newStream('overtaken');
    const [one, two] = [await put(stream, 'a', 'one'), await put(stream, 'a', 'two')];
    const address = ({ SequenceNumber = '' }) =>
      `/${fromOldest(stream, `&record=shardId-000000000000:${SequenceNumber}`)}`;
    const page = await openPage(address(one).slice(1));
    const drawer = page.getByRole('dialog', { name: 'Record' });
    await drawer.getByText('one', { exact: true }).waitFor();
    await page.goto(page.url());
    let held: (() => void) | undefined;
    let settled = false;
    await page.context().route('**/api/call/GetRecords', async (route) => {
      if (held !== undefined) {
        return route.continue();
      }
      await new Promise<void>((resolve) => {
        held = resolve;
      });
      await route.fetch().then(
        (response) => route.fulfill({ response }),
        () => {},
      );
      settled = true;
    });
    await page.reload();
    await until(() => held !== undefined);

    await page.evaluate(
      `history.pushState(null, '', ${JSON.stringify(address(two))}); dispatchEvent(new PopStateEvent('popstate'));`,
    );
    await drawer.getByText('two', { exact: true }).waitFor();
    held?.();
    await until(() => settled);
    await page.evaluate(`(async () => {
      for (let frame = 0; frame < 30; frame++) {
        await new Promise(requestAnimationFrame);
      }
    })()`);
    expect(await drawer.getByText('one', { exact: true }).count()).toBe(0);
  });

  it('leave the keys to a dialog that is open', async () => {
    const stream = await newStream('dialog');
    await put(stream, 'a', 'one');
    const page = await openPage(fromOldest(stream));
    await page.locator('.row', { has: page.getByText('one', { exact: true }) }).click();
    const drawer = page.getByRole('dialog', { name: 'Record' });
    await drawer.waitFor();

    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('2');
    await page.keyboard.press(' ');
    expect(page.url()).toMatch(/records\?/);
    expect(await page.locator('.reading').getAttribute('data-phase')).toBe('reading');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await page.keyboard.press('2');
    await page.waitForURL(/shards/);
  });

  it('tell which shard is not there', async () => {
    const stream = await newStream('shardless');
    const page = await openPage(fromOldest(stream, '&shards=shardId-000000000009'));

    await page.getByText('shardless has no shard shardId-000000000009').waitFor();
  });

  it('tell why a fifth tail has to wait, while the rest of its page works', async () => {
    const stream = await newStream('tabs');
    await put(stream, 'a', 'one');
    const first = await openPage(fromOldest(stream));
    await eventually(() => total(first)).toBe(1);
    const others = [];
    for (let tab = 0; tab < 4; tab++) {
      const page = await first.context().newPage();
      others.push(page);
      await page.goto(first.url());
      if (tab < 3) {
        await eventually(() => total(page)).toBe(1);
      }
    }
    const [closed, , , fifth] = others;

    expect(await fifth?.getByRole('alert').textContent()).toMatch(/4 tails and subscriptions/);
    await fifth?.getByRole('link', { name: 'Shards' }).click();
    await fifth?.getByRole('option').waitFor();
    await closed?.close();
    await fifth?.goBack();
    await eventually(async () => {
      await fifth?.getByRole('button', { name: 'Read again' }).click();
      return fifth && total(fifth);
    }).toBe(1);
  });

  it('tell why they cannot be read', async () => {
    const page = await openPage('streams/nowhere/records');

    expect(await page.getByRole('alert').textContent()).toMatch(/ResourceNotFoundException.*nowhere/);
  });
});
