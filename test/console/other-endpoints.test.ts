import { SplitShardCommand } from '@aws-sdk/client-kinesis';
import { afterEach, describe, expect, it } from 'vitest';
import { openEndpoint } from '../../client/endpoint.ts';
import { createCalls } from '../../console/server/calls.ts';
import { type ConsoleServer, serveConsole } from '../../console/server/console-server.ts';
import { hasNoBrowser, kinesis, newStream, openPage, server } from '../support/console-page.ts';

const consoles: ConsoleServer[] = [];

afterEach(async () => {
  await Promise.all(consoles.splice(0).map((one) => one.close()));
});

/** Serves a console of the server, as if it were another endpoint. */
async function serve({
  kind = 'local',
  readOnly = false,
  port = 0,
}: {
  kind?: 'local' | 'deployed';
  readOnly?: boolean;
  port?: number;
}) {
  const endpoint = { ...(await openEndpoint({ endpoint: server.endpoint })), kind };
  const served = await serveConsole({
    port,
    onError: (error) => expect.fail(String(error)),
    openCalls: async () => createCalls({ endpoint, profile: 'mine', readOnly, version: '0', cloudWatch: undefined }),
  });
  consoles.push(served);
  return served;
}

describe.skipIf(hasNoBrowser)('the console of a deployment', () => {
  it('tells what a live tail costs, before anything is read', async () => {
    const { address: at } = await serve({ kind: 'deployed' });
    const page = await openPage('streams/orders/records', { at });

    await expect.poll(() => page.locator('.cost').textContent(), { timeout: 60_000 }).toMatch(/about \$[\d.]+ an hour/);
  });

  it('tells what more shards cost, as soon as there are more, and what watching a consumer costs', async () => {
    const StreamName = await newStream('dearer');
    const { address: at } = await serve({ kind: 'deployed' });
    const page = await openPage(`streams/${StreamName}/records?start=TRIM_HORIZON`, { at });
    await page.locator('.cost', { hasText: 'a shard is read once a second' }).waitFor();

    const split = { ShardToSplit: 'shardId-000000000000', NewStartingHashKey: `${2n ** 127n}` };
    await kinesis.send(new SplitShardCommand({ StreamName, ...split }));
    await page.locator('.cost', { hasText: 'each of 2 shards' }).waitFor();
    await page.getByRole('link', { name: 'Consumers' }).click();
    await page.getByLabel('Name of a new consumer').fill('reader');
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.getByRole('button', { name: 'Watch reader' }).click();
    await page.getByText(/Cost at list prices.*an hour: a function runs as long as the subscription/).waitFor();
  });

  it('asks CloudWatch for nothing on screens that use nothing of it', async () => {
    const { address: at } = await serve({ kind: 'deployed' });
    const page = await openPage('streams/orders', { at });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));

    await page.getByRole('link', { name: 'Shards', exact: true }).click();
    await page.getByRole('option').first().waitFor();
    await page.getByText('traffic of shards is known of a local server only').waitFor();
    await page.getByRole('link', { name: 'Consumers' }).click();
    await page.getByText('Lag by shard is counted by a local server only').waitFor();
    expect(asked).not.toContain('/api/traffic');
    await page.getByRole('link', { name: 'Metrics' }).click();
    await expect.poll(() => asked).toContain('/api/traffic');
  });

  it('shows what the page itself has seen where there are no metrics, and says so', async () => {
    const { address: at } = await serve({ kind: 'deployed' });
    const page = await openPage('streams/orders/put', { at });
    await page.getByLabel('Copies').fill('100');
    await page.getByRole('button', { name: 'Put', exact: true }).click();
    await page.getByText('100 records put').waitFor();

    await page.getByRole('link', { name: 'Metrics' }).click();

    await page.getByText('Only what this page itself has put').waitFor();
    await page.getByText('--metrics-profile').waitFor();
    const path = page.locator('figure', { hasText: 'Records a second' }).locator('canvas');
    await path.waitFor();
    expect(await page.getByText('DynamoDB').count()).toBe(0);
  });
});

describe.skipIf(hasNoBrowser)('a console for looking only', () => {
  it('offers no change, on any screen', async () => {
    const { address: at } = await serve({ readOnly: true });
    const page = await openPage('', { at });

    expect(await page.getByRole('button', { name: 'Create stream' }).isDisabled()).toBe(true);
    expect(await page.getByLabel('Read-only').isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'orders' }).click();
    await page.getByRole('button', { name: 'Change mode' }).waitFor();
    expect(await page.getByRole('button', { name: /^Change/ }).count()).toBe(4);
    for (const button of await page.getByRole('button', { name: /^(Change|Add tag|Delete)/ }).all()) {
      expect(await button.isDisabled()).toBe(true);
    }
    await page.getByRole('link', { name: 'Shards', exact: true }).click();
    await page.getByRole('option').first().click();
    expect(await page.getByRole('button', { name: 'Split' }).isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'Put', exact: true }).click();
    expect(await page.getByRole('button', { name: 'Put', exact: true }).isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'Consumers' }).click();
    await page.getByText('None is registered').waitFor();
    expect(await page.getByRole('button', { name: 'Register', exact: true }).isDisabled()).toBe(true);
  });
});

describe.skipIf(hasNoBrowser)('a page that is open', () => {
  it('tells that its console has ended, and is loaded again once there is another one', async () => {
    const first = await serve({});
    const page = await openPage('', { at: first.address });
    await page.getByRole('link', { name: 'orders' }).waitFor();
    const reload = page.getByRole('button', { name: 'Load again' });

    await first.close();
    await page.getByText('The console does not answer').waitFor();
    await serve({ port: Number(new URL(first.address).port) });
    await page.getByText('was started anew').waitFor();
    await reload.first().click();

    await page.getByRole('link', { name: 'orders' }).waitFor();
    await expect.poll(() => page.getByRole('alert').count(), { timeout: 60_000 }).toBe(0);
  });
});
