import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  CreateStreamCommand,
  KinesisClient,
  type KinesisClientConfig,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { offerConsole } from '../../cli/commands/console.ts';
import type { ConsoleServer } from '../../console/server/console-server.ts';
import { type LocalServer, startServer } from '../../local/server.ts';

// Importing this file gives a test file a server and its console, and each test a page of its own, in a real browser.

export let server: LocalServer;
export let consoleServer: ConsoleServer;
export let kinesis: KinesisClient;
export let browser: Browser;

/** Whether there is no browser: then the tests are left out, and a line says so. */
export const hasNoBrowser = inject('browser') === '';

const STREAMS = 'orders:2';
const ARTEFACTS = path.join(import.meta.dirname, '..', '.artefacts', 'console');

/** What went wrong in pages: errors of scripts, what their policy has refused, and what they asked of others. */
const problems: string[] = [];
const pages: Page[] = [];

beforeAll(async () => {
  if (hasNoBrowser) {
    return;
  }
  server = await startServer({ port: 0, countsTraffic: true, environment: { STREAMS }, trail: { write: () => {} } });
  consoleServer = await offerConsole({
    port: 0,
    anyPort: false,
    endpoint: server.endpoint,
    onError: (error) => problems.push(String(error)),
  });
  kinesis = new KinesisClient(clientOptions());
  browser = await chromium.launch({ executablePath: inject('browser'), args: ['--no-sandbox', '--disable-gpu'] });
  await mkdir(ARTEFACTS, { recursive: true });
});

afterEach(async () => {
  await Promise.all(pages.splice(0).map((page) => page.context().close()));
  expect(problems.splice(0)).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await consoleServer?.close();
  kinesis?.destroy();
  await server?.close();
});

/** How clients reach the server. */
export const clientOptions = (): KinesisClientConfig => ({
  endpoint: server.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  requestHandler: new NodeHttpHandler(),
});

/** Creates a stream of its own for a test. */
export async function newStream(StreamName: string, ShardCount = 1): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount }));
  await waitUntilStreamExists({ client: kinesis, minDelay: 0.05, maxDelay: 0.2, maxWaitTime: 300 }, { StreamName });
  return StreamName;
}

/** Looks again and again: a machine may be busy. */
export const eventually = (question: () => Promise<unknown>) => expect.poll(question, { timeout: 120_000 });

/** Opens an address of the console in a new browser session. */
export async function openPage(
  address = '',
  {
    width = 1_280,
    height = 800,
    colorScheme = 'light' as 'light' | 'dark',
    at = consoleServer.address,
    timezoneId = 'UTC',
  } = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale: 'en-GB',
    timezoneId,
    acceptDownloads: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  // Nothing leaves the machine.
  page.on('request', (request) => {
    if (!request.url().startsWith(at) && !request.url().startsWith('blob:')) {
      problems.push(`it asked for ${request.url()}`);
    }
  });
  page.on('pageerror', (error) => problems.push(`${error.message}\n${error.stack}`));
  page.on('console', (message) => {
    // What the endpoint refuses is no problem of the page.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
      problems.push(message.text());
    }
  });
  pages.push(page);
  await page.goto(`${at}${address}`);
  return page;
}

/** Keeps a picture of a page, for people to look at. */
export const keepPicture = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: path.join(ARTEFACTS, `${name}.png`) });
