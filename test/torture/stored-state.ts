import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Tables } from '../../lib/store/tables.ts';

/** What may not be left in the streams table once all is quiet: half-made shards, shards and tails of streams that are gone. */
export async function leftovers(tables: Tables): Promise<string[]> {
  const items = await allItems(tables);
  const streams = items.filter(({ pk }) => pk === 'STREAM');
  const ids = new Set(streams.map(({ id }) => id));
  const shardStates = new Map(
    items
      .filter(({ pk }) => String(pk).startsWith('SHARD#'))
      .map(({ pk, sk, state }) => [`${String(pk).slice('SHARD#'.length)}#${sk}`, state]),
  );
  const tailStates = new Map(
    items
      .filter(({ pk }) => String(pk).startsWith('TAIL#'))
      .map(({ pk, shardState }) => [String(pk).slice('TAIL#'.length), shardState]),
  );
  const names = [...new Set([...shardStates.keys(), ...tailStates.keys()])];
  return [
    ...streams
      .filter(({ status, transition }) => status !== 'ACTIVE' || transition !== undefined)
      .map(({ sk, status }) => `stream ${sk} is ${status}`),
    ...names
      .filter((name) => !ids.has(name.slice(0, name.indexOf('#'))))
      .map((name) => `shard ${name} belongs to no stream`),
    ...names
      .filter((name) => shardStates.get(name) !== tailStates.get(name) || shardStates.get(name) === 'PENDING')
      .map((name) => `shard ${name} is ${shardStates.get(name)}, and its tail ${tailStates.get(name)}`),
  ];
}

async function allItems(tables: Tables): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await tables.client.send(
      new ScanCommand({
        TableName: tables.streams,
        ConsistentRead: true,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}
