import path from 'node:path';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { chromium } from 'playwright-core';
import { offerConsole } from '../cli/commands/console.ts';
import { startServer } from '../local/server.ts';
import { findBrowser } from './browser.ts';
import { PICTURES } from './pictures.ts';

/** `npm run picture`: takes the picture of the console that the README shows, docs/pictures/console.png. */
const CITIES = ['Lisbon', 'Oslo', 'Porto', 'Riga', 'Turin'];
const order = (index: number) => ({
  order: 10_400 + index,
  customer: { name: `customer ${(index * 7) % 23}`, city: CITIES[index % CITIES.length] },
  items: [{ name: index % 3 === 0 ? 'cup' : 'plate', price: 3.5 + (index % 7), count: 1 + (index % 4) }],
  paid: index % 5 !== 0,
});

const { program, remove } = await findBrowser();
if (program === undefined) {
  throw new Error('there is no Chromium: CHROME_PATH names one');
}
const server = await startServer({
  port: 4567,
  countsTraffic: true,
  trail: { write: () => {} },
  environment: { STREAMS: 'orders:4' },
});
const served = await offerConsole({ port: 4568, anyPort: true, endpoint: server.endpoint, onError: console.error });
const kinesis = new KinesisClient({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  requestHandler: new NodeHttpHandler(),
});
const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1_280, height: 720 } });
  const page = await context.newPage();
  await page.goto(`${served.address}streams/orders/records`);
  await page.locator('[data-phase="reading"]').waitFor();
  for (let batch = 0; batch < 8; batch++) {
    const Records = Array.from({ length: 5 }, (_, index) => ({
      PartitionKey: `customer-${(batch * 5 + index) % 23}`,
      Data: Buffer.from(JSON.stringify(order(batch * 5 + index))),
    }));
    await kinesis.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
  }
  await page.getByText('40 records').waitFor();
  await page.locator('.row .key').nth(2).click();
  await page.getByRole('dialog', { name: 'Record' }).waitFor();
  await page.screenshot({ path: path.join(PICTURES, 'console.png') });
} finally {
  await browser.close();
  await served.close();
  kinesis.destroy();
  await server.close();
  await remove();
}
