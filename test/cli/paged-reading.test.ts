import { CreateStreamCommand, PutRecordsCommand, waitUntilStreamExists } from '@aws-sdk/client-kinesis';
import { expect, it } from 'vitest';
import { openLocalEndpoint } from '../../client/endpoint.ts';
import { polling } from '../../client/reading/polling.ts';
import { listShards } from '../../client/reading/shard-map.ts';
import { kinesis, rivulet } from '../support/command-line-server.ts';
import { until } from '../support/until.ts';

it('keeps no more pages in memory than are read at once, however many shards have one that nobody takes', async () => {
  const StreamName = 'wide';
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 6 }));
  await waitUntilStreamExists({ client: kinesis, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StreamName });
  await kinesis.send(
    new PutRecordsCommand({
      StreamName,
      Records: Array.from({ length: 200 }, (_, key) => ({ PartitionKey: `${key}`, Data: Buffer.from(`${key}`) })),
    }),
  );
  const endpoint = await openLocalEndpoint(rivulet.endpoint);
  const source = polling(endpoint, StreamName, 2);
  const { signal } = new AbortController();
  const readers = (await listShards(kinesis, StreamName)).map((shard) =>
    source.read(shard, { type: 'TRIM_HORIZON' }, true, signal),
  );
  let pages = 0;
  let records = 0;
  const first = readers.map(async (reader) => {
    const { value } = await reader.next();
    pages += 1;
    records += Array.isArray(value) ? value.length : 0;
  });
  await until(() => pages === 2);
  // A read by somebody else: what a third reader had asked for would have come before it.
  await listShards(endpoint.client, StreamName);
  await listShards(endpoint.client, StreamName);
  const untaken = pages;

  // Each reader's next step gives its turn away.
  const rest = readers.map((reader, at) => first[at]?.then(() => reader.next()));
  await Promise.all(first);
  await Promise.all(rest);
  endpoint.client.destroy();

  expect(untaken).toBe(2);
  expect([pages, records]).toEqual([6, 200]);
});
