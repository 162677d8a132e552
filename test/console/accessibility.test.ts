import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PutRecordsCommand, RegisterStreamConsumerCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasNoBrowser, keepPicture, kinesis, openPage } from '../support/console-page.ts';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What WCAG 2.2 AA forbids in a page, as axe finds it. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate<Violation[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
}

const openForm = async (page: Page) => {
  await page.getByRole('button', { name: 'Create stream' }).click();
  await page.getByRole('dialog', { name: 'Create stream' }).waitFor();
};

const openDrawer = async (page: Page) => {
  await page.locator('.row .key').first().click();
  await page.getByRole('dialog', { name: 'Record' }).waitFor();
};

/** Each screen with data, and what is to be seen on it before it is looked at. */
const SCREENS: readonly (readonly [name: string, address: string, prepare: (page: Page) => Promise<unknown>])[] = [
  ['streams', '', (page) => page.getByRole('img', { name: /records a second/ }).waitFor()],
  ['create', '', openForm],
  ['overview', 'streams/orders', (page) => page.getByText('24 h').waitFor()],
  ['shards', 'streams/orders/shards', (page) => page.getByRole('option', { name: /000000000002/ }).click()],
  ['records', 'streams/orders/records?start=TRIM_HORIZON', (page) => page.locator('.row .key').first().waitFor()],
  ['drawer', 'streams/orders/records?start=TRIM_HORIZON', openDrawer],
  ['put', 'streams/orders/put', (page) => page.getByRole('button', { name: 'Put', exact: true }).click()],
  ['consumers', 'streams/orders/consumers', (page) => page.getByRole('button', { name: 'Watch reader' }).click()],
  ['metrics', 'streams/orders/metrics', (page) => page.locator('canvas').first().waitFor()],
  ['help', '', (page) => page.getByRole('button', { name: 'Help (?)' }).click()],
  ['error', 'streams/nowhere', (page) => page.getByRole('alert').waitFor()],
  ['records-error', 'streams/orders/records?start=at&value=1', (page) => page.getByRole('alert').waitFor()],
  ['nothing', 'no/such/address', (page) => page.getByText('There is nothing at this address').waitFor()],
];

const LOOKS = [
  { name: 'light-1280', width: 1_280, height: 800, colorScheme: 'light' },
  { name: 'dark-1280', width: 1_280, height: 800, colorScheme: 'dark' },
  { name: 'light-390', width: 390, height: 844, colorScheme: 'light' },
  { name: 'dark-390', width: 390, height: 844, colorScheme: 'dark' },
] as const;

describe.skipIf(hasNoBrowser).each(LOOKS)('the page in $name', ({ name: look, ...size }) => {
  beforeAll(async () => {
    const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';
    // Done once: the second time there are three shards, and the consumer is there.
    await kinesis
      .send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'reader' }))
      .then(() =>
        kinesis.send(
          new SplitShardCommand({ StreamName: 'orders', ShardToSplit: '0', NewStartingHashKey: `${2n ** 126n}` }),
        ),
      )
      .catch(({ name }) => expect(name).toBe('ResourceInUseException'));
    const Records = Array.from({ length: 40 }, (_, index) => ({
      PartitionKey: `customer-${index}`,
      Data: Buffer.from(`{"order":${index},"items":[{"name":"cup","price":3.5}],"paid":true}`),
    }));
    await kinesis.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
  });

  it.each(SCREENS)(
    'breaks no rule of WCAG AA, and is not wider than the window: %s',
    async (name, address, prepare) => {
      const page = await openPage(address, size);
      await prepare(page);
      await keepPicture(page, `${name}-${look}`);

      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    },
  );
});
