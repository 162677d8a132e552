import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { CreateStreamCommand, KinesisClient, PutRecordsCommand, waitUntilStreamExists } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { chromium, type Page } from 'playwright-core';
import { offerConsole } from '../cli/commands/console.ts';
import { bundlePage } from '../console/page-bundle.ts';
import { startServer } from '../local/server.ts';
import { findBrowser } from '../scripts/browser.ts';

/**
 * `npm run bench:console`: what the console weighs, how soon it is there, and what its main thread does while 1,000 records a second
 * arrive, while a million records are in the table, and with 1,000 shards.
 */

const BATCH = 500;
const RATE = 1_000;
const LIVE_SECONDS = 20;
const MANY = 1_000_000;

/** Watches the main thread of a page: the tasks that are long, and the times between two frames. */
const WATCH = `
  window.tasks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true });
  window.frames = [];
  let before = performance.now();
  const frame = (now) => { window.frames.push(now - before); before = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
`;

interface Look {
  readonly 'tasks above 50 ms': number;
  readonly 'longest task, ms': number;
  readonly 'longest frame, ms': number;
  readonly nodes: number;
  readonly 'heap of the main thread, MiB': number;
}

async function look(page: Page): Promise<Look> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  const { tasks, frames, nodes } = await page.evaluate<{ tasks: number[]; frames: number[]; nodes: number }>(
    '({ tasks: window.tasks, frames: window.frames.slice(5), nodes: document.querySelectorAll("*").length })',
  );
  return {
    'tasks above 50 ms': tasks.length,
    'longest task, ms': Math.round(Math.max(0, ...tasks)),
    'longest frame, ms': Math.round(frames.reduce((most, frame) => Math.max(most, frame), 0)),
    nodes,
    'heap of the main thread, MiB': Math.round(usedSize / 1024 / 102.4) / 10,
  };
}

const beginWatching = (page: Page): Promise<unknown> => page.evaluate('window.tasks.length = window.frames.length = 0');

const { outputFiles = [] } = await bundlePage();
const sizes = outputFiles.map(
  ({ path, contents }) => [path.split('/').at(-1), gzipSync(contents, { level: 9 }).length] as const,
);
console.log('Files, bytes gzipped:', Object.fromEntries(sizes));
console.log('All files, KB gzipped:', Math.round(sizes.reduce((sum, [, size]) => sum + size, 0) / 100) / 10);

const found = await findBrowser();
if (found.program === undefined) {
  throw new Error('there is no Chromium: CHROME_PATH names one');
}
const server = await startServer({
  port: 0,
  countsTraffic: true,
  trail: { write: () => {} },
  environment: { STREAMS: 'live:4,many:4' },
});
const page = await offerConsole({ port: 0, anyPort: false, endpoint: server.endpoint, onError: console.error });
const kinesis = new KinesisClient({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  requestHandler: new NodeHttpHandler(),
});
const browser = await chromium.launch({ executablePath: found.program, args: ['--no-sandbox', '--disable-gpu'] });

async function open(address: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1_280, height: 800 } });
  const opened = await context.newPage();
  await opened.addInitScript(WATCH);
  await opened.goto(`${page.address}${address}`);
  return opened;
}

let number = 0;
const putBatch = (StreamName: string) =>
  kinesis.send(
    new PutRecordsCommand({
      StreamName,
      Records: Array.from({ length: BATCH }, () => {
        number += 1;
        const data = `{"order":${number},"customer":"c-${number % 1_000}","total":${number % 500},"note":"${'x'.repeat(60)}"}`;
        return { PartitionKey: `customer-${number % 1_000}`, Data: Buffer.from(data) };
      }),
    }),
  );

const records = async (opened: Page): Promise<number> =>
  Number(/([\d,]+) records?/.exec((await opened.locator('.reading').textContent()) ?? '')?.[1]?.replaceAll(',', ''));

try {
  for (const run of ['first', 'second']) {
    const first = await open('streams/live/records');
    const paint = await first.evaluate<number>(
      `new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime)).observe({ type: 'paint', buffered: true }))`,
    );
    await first.locator('[data-phase="reading"]').waitFor();
    const ready = await first.evaluate<number>('performance.now()');
    console.log(`Paint of the ${run} page, ms: ${Math.round(paint)}; reading: ${Math.round(ready)}`);
    await first.context().close();
  }

  const live = await open('streams/live/records');
  await live.locator('[data-phase="reading"]').waitFor();
  await beginWatching(live);
  const begun = Date.now();
  for (let batch = 0; batch < (LIVE_SECONDS * RATE) / BATCH; batch++) {
    await putBatch('live');
    await sleep(Math.max(0, begun + ((batch + 1) * BATCH * 1_000) / RATE - Date.now()));
  }
  console.log(`${RATE} records a second for ${LIVE_SECONDS} s:`, await look(live));
  await live.context().close();

  const many = await open('streams/many/records');
  await many.locator('[data-phase="reading"]').waitFor();
  await beginWatching(many);
  const began = Date.now();
  for (let put = 0; put < MANY; put += 4 * BATCH) {
    await Promise.all([1, 2, 3, 4].map(() => putBatch('many')));
  }
  while ((await records(many)) < MANY) {
    await sleep(200);
  }
  console.log(`${MANY} records in ${Math.round((Date.now() - began) / 1_000)} s:`, await look(many));
  console.log('  ', await many.locator('.reading').textContent());
  await beginWatching(many);
  await many.locator('.rows-scroll').evaluate((element) => {
    element.scrollTop = element.scrollHeight / 2;
  });
  await many.getByLabel('Filter by').selectOption('path');
  const filtered = Date.now();
  await many.getByRole('searchbox', { name: 'Filter' }).fill('$.total = 7');
  await many.getByText(/, 2,000 shown/).waitFor({ timeout: 300_000 });
  while (/filtering/.test((await many.locator('.reading').textContent()) ?? '')) {
    await sleep(100);
  }
  console.log(`Filtering them by a JSON path, s: ${Math.round((Date.now() - filtered) / 100) / 10}:`, await look(many));
  await many.context().close();

  await kinesis.send(new CreateStreamCommand({ StreamName: 'wide', ShardCount: 1_000 }));
  await waitUntilStreamExists({ client: kinesis, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StreamName: 'wide' });
  const wide = await open('streams/wide/shards');
  const looked = Date.now();
  await wide.getByRole('option').nth(999).waitFor();
  console.log(`A map of 1,000 shards, ms: ${Date.now() - looked}:`, await look(wide));
} finally {
  await browser.close();
  await page.close();
  kinesis.destroy();
  await server.close();
  await found.remove();
}
